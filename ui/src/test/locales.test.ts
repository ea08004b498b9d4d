import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "../locales/en.json";
import ptBR from "../locales/pt-BR.json";
import { fill, languageOf, locale, number, percent, relativeTime, sentence, tn } from "../shared/i18n.svelte";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, before = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === "string" ? [[before + key, value] as [string, string]] : leaves(value, `${before}${key}.`)));
}

const [pt, english] = [new Map(leaves(ptBR)), new Map(leaves(en))];
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "test" || entry.name === "gen" ? [] : sources(path);
    return /\.(svelte|ts)$/.test(entry.name) ? [path] : [];
  });
}

describe("locales", () => {
  it("hold the same keys", () => {
    expect([...pt.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("keep the same places for values in each sentence", () => {
    for (const [key, text] of pt) expect(places(text), key).toEqual(places(english.get(key) ?? ""));
  });

  it("leave no sentence empty", () => {
    for (const [key, text] of [...pt, ...english]) expect(text.trim(), key).not.toBe("");
  });

  it("hold every key that the screen names", () => {
    const named = new Set<string>();
    for (const path of sources("src")) {
      const code = readFileSync(path, "utf8");
      for (const [, key] of code.matchAll(/\bt\(\s*["']([\w.-]+)["']/g)) named.add(key);
      for (const [, key] of code.matchAll(/\btn\(\s*["']([\w.-]+)["']/g)) named.add(`${key}_one`).add(`${key}_other`);
    }
    expect(named.size).toBeGreaterThan(150);
    expect([...named].filter((key) => !pt.has(key))).toEqual([]);
  });

  it("say for every error what happened and what to do next", () => {
    const codes = Object.keys(ptBR.errors);
    for (const code of codes.filter((one) => !one.endsWith("_next"))) expect(codes).toContain(`${code}_next`);
  });

  it("name every operation, step and state of the contract's jobs", () => {
    const contract = readFileSync("src/gen/operations.ts", "utf8");
    const jobs = [...contract.matchAll(/^ {2}(\w+): \{ answer: "job"/gm)].map(([, name]) => name);
    expect(jobs.length).toBeGreaterThan(5);
    for (const name of jobs) expect(pt.has(`operations.${name}`), name).toBe(true);
    const states = /export type JobState = ([^;]+);/.exec(contract)?.[1].match(/\w+/g) ?? [];
    for (const name of states) expect(pt.has(`states.${name}`), name).toBe(true);
  });
});

describe("words", () => {
  it("take a language from the system only when it is one", () => {
    expect(languageOf("system", "C")).toBe("en");
    expect(languageOf("system", "pt-PT")).toBe("pt-BR");
    expect(languageOf("system", "pt")).toBe("pt-BR");
    expect(languageOf("en", "pt-BR")).toBe("en");
    expect(languageOf("something", "")).toBe("en");
  });

  it("fill the places they know and leave the others", () => {
    expect(fill("{a} e {b}", { a: "x" })).toBe("x e {b}");
    expect(sentence("errors.nothing_of_the_kind")).toBeUndefined();
  });

  it("write numbers as the language does", () => {
    locale.language = "pt-BR";
    expect(number(1234567.891, 2)).toBe("1.234.567,89");
    expect(percent(0.6241)).toBe("62,4%");
    expect(tn("count.rows", 1)).toBe("1 linha");
    expect(tn("count.rows", 1200)).toBe("1.200 linhas");
    locale.language = "en";
    expect(number(1234567.891, 2)).toBe("1,234,567.89");
    expect(tn("count.rows", 0)).toBe("0 rows");
    expect(relativeTime(0, 5 * 60_000)).toBe("5 minutes ago");
  });
});
