/** The screen's own words, so that a journey names a button as its reader does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./place.mjs";

const trees = Object.fromEntries(["pt-BR", "en"].map((language) => [language, JSON.parse(readFileSync(join(ROOT, `ui/src/locales/${language}.json`), "utf8"))]));

/** The groups that keys of the locale files begin with. */
export const GROUPS = Object.keys(trees.en);

/** The sentence of a key, its places filled. */
export function say(key, values = {}, language = "pt-BR") {
  const found = key.split(".").reduce((node, part) => node?.[part], trees[language]);
  if (typeof found !== "string") throw new Error(`no sentence for ${key} in ${language}`);
  return found.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}
