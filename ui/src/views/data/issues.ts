/** Row issues as a table of their own, to keep or to send to whoever made the file. */
import type { RowIssue } from "../../gen/operations";

const cell = (value: string | number) => {
  const text = String(value);
  return /[",\n\r;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Issues as CSV (RFC 4180) with a header. */
export function issuesAsCsv(issues: readonly RowIssue[]): string {
  const lines = issues.map((issue) => [issue.line, issue.column ?? "", issue.kind, issue.text].map(cell).join(","));
  return ["line,column,kind,text", ...lines].join("\r\n") + "\r\n";
}

/** Gives a text to the person as a file. */
export function saveText(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
