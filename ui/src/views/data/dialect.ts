/** What can be said about how a file is read, with the choices for each. */
import type { OpenResponse, ReadOptions } from "../../gen/operations";
import { t } from "../../shared/i18n.svelte";

export type DialectName = Exclude<keyof ReadOptions, "kinds" | "roles">;

export interface DialectChoice {
  value: string;
  words: string;
}

export interface DialectOf {
  name: DialectName;
  value: string;
  choices: DialectChoice[];
}

const ENCODINGS = ["utf-8", "utf-8-bom", "utf-16le", "utf-16be", "windows-1252"];
const asIs = (value: string): DialectChoice => ({ value, words: value });

/** The value as the choices hold it: a guess that is none of them becomes one. */
function field(name: DialectName, value: string, choices: DialectChoice[]): DialectOf {
  return { name, value, choices: choices.some((one) => one.value === value) ? choices : [asIs(value), ...choices] };
}

/** The fields that mean something for a file of this format, as they stand now. */
export function dialectFields(file: OpenResponse, options: ReadOptions): DialectOf[] {
  const fields: DialectOf[] = [];
  if (file.format === "csv") {
    const named = (key: string, values: string[]) => values.map((value) => ({ value, words: t(`import.${key}_${value === "\t" ? "tab" : value}`) }));
    const separators: DialectChoice[] = [[",", "comma"], [";", "semicolon"], ["\t", "tab"], ["|", "pipe"]].map(([value, word]) => ({ value, words: t(`import.${word}`) }));
    const quotes: DialectChoice[] = [['"', "double_quote"], ["'", "single_quote"], ["", "no_quote"]].map(([value, word]) => ({ value, words: t(`import.${word}`) }));
    const decimals: DialectChoice[] = [[",", "comma"], [".", "point"]].map(([value, word]) => ({ value, words: t(`import.${word}`) }));
    fields.push(field("encoding", file.encoding, ENCODINGS.map((value) => ({ value, words: t(`import.encodings.${value}`) }))));
    fields.push(field("delimiter", file.delimiter, separators));
    fields.push(field("quote", file.quote, quotes));
    fields.push(field("has_header", String(file.has_header), named("header", ["true", "false"])));
    fields.push(field("decimal", file.decimal, decimals));
  }
  if (file.sheets.length > 0) fields.push(field("sheet", options.sheet ?? file.sheets[0], file.sheets.map(asIs)));
  if (file.format === "xlsx") fields.push(field("has_header", String(file.has_header), ["true", "false"].map((value) => ({ value, words: t(`import.header_${value}`) }))));
  // Texts may be dates in any format.
  fields.push(field("date_order", file.date_order, ["iso", "day_first", "month_first"].map((value) => ({ value, words: t(`import.date_${value}`) }))));
  return fields;
}

const MARKS: Record<string, string> = { ",": "comma", ".": "point", ";": "semicolon", "\t": "tab", "|": "pipe" };

/** A mark by its name: a lone comma on the screen is easily overlooked. */
export function markName(mark: string): string {
  return mark in MARKS ? t(`marks.${MARKS[mark]}`) : mark;
}

/** What a choice means in a request. */
export function chosenValue(name: DialectName, value: string): string | boolean {
  return name === "has_header" ? value === "true" : value;
}
