/** The languages of a model, in words. */
import type { ModelEntry } from "../../gen/operations";
import { sentence } from "../../shared/i18n.svelte";

const named = (code: string) => sentence(`models.languages.${code}`) ?? code;

/** A model of many languages is told as such, not by those that happen to be listed. */
export function languagesOf({ languages }: Pick<ModelEntry, "languages">): string {
  return languages.includes("multilingual") ? named("multilingual") : languages.map(named).join(", ");
}
