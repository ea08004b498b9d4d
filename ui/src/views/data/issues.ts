/** Row issues as text to paste into a spreadsheet or a message. */
import type { RowIssue } from "../../gen/operations";

const cell = (value: string | number) => {
  const text = String(value);
  return /["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One issue a line, tabs between the fields: what every spreadsheet takes from the clipboard. */
export function issuesAsText(issues: readonly RowIssue[]): string {
  const lines = issues.map((issue) => [issue.line, issue.column ?? "", issue.kind, issue.text].map(cell).join("\t"));
  return ["line\tcolumn\tkind\ttext", ...lines].join("\n") + "\n";
}
