/** Turns a failure's code into words: what, where, and what to do next. */
import type { Failure } from "../gen/operations";
import { shownPath } from "./host.svelte";
import { bytes, number, sentence, t } from "./i18n.svelte";

/** Fields that are numbers of something. */
const COUNTS = ["rows", "clusters", "count", "limit", "distinct", "expected", "found"];

/** Fields of a training's failure that are bytes. */
const BYTES = ["needs", "limit", "takes"];

/** The values as a person reads them: sizes come in bytes, counts without marks. */
function values({ code, fields }: Failure): Record<string, string> {
  const readable = { ...fields };
  if (code === "bad_filter") readable.reason = sentence(`filter_parts.${fields.reason}`) ?? fields.reason;
  if (fields.path !== undefined) readable.path = shownPath(fields.path);
  for (const [name, value] of Object.entries(fields)) {
    if (!/^\d+$/.test(value)) continue;
    if (code === "too_large" || (code.startsWith("training_too_large") && BYTES.includes(name))) readable[name] = bytes(Number(value));
    else if (COUNTS.includes(name)) readable[name] = number(Number(value));
  }
  return readable;
}

/** What went wrong, in a sentence. An unknown code shows itself and its values. */
export function whatFailed(failure: Failure): string {
  return sentence(`errors.${failure.code}`, values(failure)) ?? t("errors.unknown", { code: failure.code, fields: fieldList(failure) });
}

/** What the person can do about it. */
export function nextStep(failure: Failure): string {
  // A table without columns has no nearest name to offer.
  if (failure.code === "unknown_column" && !failure.fields.nearest) return t("errors.unknown_next");
  return sentence(`errors.${failure.code}_next`, values(failure)) ?? t("errors.unknown_next");
}

/** Everything known about a failure, as text to copy. */
export function failureDetails(failure: Failure): string {
  return JSON.stringify({ ...failure, sentence: whatFailed(failure) }, null, 2);
}

function fieldList(failure: Failure): string {
  return Object.entries(failure.fields).map(([name, value]) => `${name}: ${value}`).join(", ");
}
