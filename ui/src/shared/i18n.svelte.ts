/** The screen's words: two locale files with the same keys, chosen by the settings. */
import en from "../locales/en.json";
import ptBR from "../locales/pt-BR.json";

export type Language = "pt-BR" | "en";
type Tree = { [key: string]: string | Tree };
export type Values = Record<string, string | number>;

const words: Record<Language, Tree> = { "pt-BR": ptBR, en };

/**
 * The language for a setting. What the system says may be no language tag at all (`C`), so only
 * its beginning is looked at, and `Intl` never sees anything but one of our two tags.
 */
export function languageOf(setting: string, system: string): Language {
  if (setting === "pt-BR" || setting === "en") return setting;
  return /^pt\b/i.test(system) ? "pt-BR" : "en";
}

class Locale {
  language = $state<Language>(languageOf("system", globalThis.navigator?.language ?? ""));
}

export const locale = new Locale();

function find(tree: Tree, key: string): string | undefined {
  let node: string | Tree | undefined = tree;
  for (const part of key.split(".")) {
    if (typeof node !== "object") return undefined;
    node = node[part];
  }
  return typeof node === "string" ? node : undefined;
}

/** Puts values in the places a sentence keeps for them: `{name}`. */
export function fill(sentence: string, values: Values): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : typeof value === "number" ? number(value) : value;
  });
}

/** The sentence of a key, or undefined. */
export function sentence(key: string, values: Values = {}): string | undefined {
  const found = find(words[locale.language], key);
  return found === undefined ? undefined : fill(found, values);
}

/** The words of a key; the key itself where there are none, so that a gap is seen and not blank. */
export function t(key: string, values: Values = {}): string {
  return sentence(key, values) ?? key;
}

/** The words for a count: `key_one` or `key_other`, with `{n}` in it. */
export function tn(key: string, n: number, values: Values = {}): string {
  const form = pluralRules(locale.language).select(n) === "one" ? "one" : "other";
  return t(`${key}_${form}`, { n, ...values });
}

const made = new Map<string, unknown>();

/** Intl formatters are slow to make and quick to use, so each is made once. */
function once<T>(key: string, make: () => T): T {
  const kept = made.get(key);
  if (kept !== undefined) return kept as T;
  const value = make();
  made.set(key, value);
  return value;
}

const pluralRules = (language: Language) => once(`plural ${language}`, () => new Intl.PluralRules(language));

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const { language } = locale;
  return once(`number ${language} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(language, options));
}

/** A number as the locale writes it, with at most `digits` decimals. */
export function number(value: number, digits = 0): string {
  return formatter({ maximumFractionDigits: digits }).format(value);
}

/** A number with exactly `digits` decimals, so that a list of them lines up. */
export function fixed(value: number, digits: number): string {
  return formatter({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** A number with as many significant digits as are worth reading. */
export function figure(value: number, digits = 4): string {
  const far = value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-4);
  return formatter({ maximumSignificantDigits: digits, notation: far ? "scientific" : "standard" }).format(value);
}

/** A large number in a few characters: 1.2M. */
export function compact(value: number): string {
  return formatter({ notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** A share from 0 to 1 as a percentage with one decimal. */
export function percent(share: number): string {
  return formatter({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share);
}

/** Bytes in the largest unit that keeps the number above one. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let value = count;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${number(value, value < 10 && at > 0 ? 1 : 0)} ${units[at]}`;
}

/** Seconds as a clock shows them: 0:03, 12:40, 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** How long something took: milliseconds below a second, else seconds with a decimal, else a clock. */
export function took(seconds: number): string {
  if (seconds < 1) return `${number(seconds * 1000)} ms`;
  return seconds < 60 ? `${number(seconds, 1)} s` : clock(seconds);
}

/** An instant (Unix milliseconds) with date and time. */
export function exactTime(at: number): string {
  const { language } = locale;
  return once(`time ${language}`, () => new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "medium" })).format(at);
}

/** A day, given in days since 1970-01-01. */
export function day(days: number): string {
  const { language } = locale;
  const options = { dateStyle: "short", timeZone: "UTC" } as const;
  return once(`day ${language}`, () => new Intl.DateTimeFormat(language, options)).format(days * 86_400_000);
}

/** An instant told from now: "há 5 minutos". */
export function relativeTime(at: number, now: number): string {
  const { language } = locale;
  const format = once(`relative ${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
  const seconds = Math.round((at - now) / 1000);
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3600], ["minute", 60]];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(Math.min(0, seconds), "second");
}
