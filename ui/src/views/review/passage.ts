/** The part of a document that is on screen, what is marked in it, and where a text stands in it. */
import type { Span } from "./places";

/** How much of a document is drawn before and after what is judged, and how much more when its end is reached. */
export const BEFORE = 6_000;
export const AFTER = 10_000;

/** A place near another at which a line begins, or a word; never within a character. */
function beginning(text: string, place: number): number {
  if (place <= 0) return 0;
  if (place >= text.length) return text.length;
  const line = text.lastIndexOf("\n", place - 1) + 1;
  if (line > 0 && place - line < 400) return line;
  const space = text.lastIndexOf(" ", place - 1) + 1;
  if (space > 0 && place - space < 60) return space;
  return /[\uDC00-\uDFFF]/.test(text[place]) ? place - 1 : place;
}

/** The part of a text to draw around a span. */
export function around(text: string, { start, end }: Span): Span {
  return { start: beginning(text, start - BEFORE), end: Math.max(end, beginning(text, end + AFTER)) };
}

/** The same part with more of the text before it, or after it. */
export function wider(text: string, part: Span, side: "before" | "after"): Span {
  if (side === "before") return { ...part, start: beginning(text, part.start - AFTER) };
  return { ...part, end: Math.max(part.end, beginning(text, part.end + AFTER)) };
}

/** How a part of the text is marked; the first in the list hides the others. */
export const KINDS = ["answer", "candidate", "other"] as const;
export type Kind = (typeof KINDS)[number];

export interface Mark extends Span {
  kind: Kind;
}

export interface Piece {
  text: string;
  kind: Kind | null;
}

/** Cuts a part of a text wherever a mark begins or ends. */
export function pieces(text: string, part: Span, marks: readonly Mark[]): Piece[] {
  const seen = marks.filter((mark) => mark.start < part.end && mark.end > part.start);
  const within = (place: number) => Math.min(part.end, Math.max(part.start, place));
  const cuts = [part.start, part.end, ...seen.flatMap((mark) => [within(mark.start), within(mark.end)])].sort((a, b) => a - b);
  const all: Piece[] = [];
  for (let i = 1; i < cuts.length; i += 1) {
    const [start, end] = [cuts[i - 1], cuts[i]];
    if (start === end) continue;
    const kinds = seen.filter((mark) => mark.start <= start && mark.end >= end).map((mark) => mark.kind);
    const kind = KINDS.find((one) => kinds.includes(one)) ?? null;
    const last = all.at(-1);
    if (last !== undefined && last.kind === kind) last.text += text.slice(start, end);
    else all.push({ text: text.slice(start, end), kind });
  }
  return all;
}

/** Where a text stands that begins nearest to a place; the earlier of two as near. Null: nowhere. */
export function nearest(text: string, wanted: string, place: number): Span | null {
  if (wanted === "") return null;
  const after = text.indexOf(wanted, place);
  const before = place === 0 ? -1 : text.lastIndexOf(wanted, place - 1);
  if (after < 0 && before < 0) return null;
  const start = before >= 0 && (after < 0 || place - before <= after - place) ? before : after;
  return { start, end: start + wanted.length };
}

/** Where the same text stands next, or before; round the text's ends. */
export function another(text: string, { start, end }: Span, step: 1 | -1): Span {
  const wanted = text.slice(start, end);
  const next = step === 1 ? text.indexOf(wanted, start + 1) : start === 0 ? -1 : text.lastIndexOf(wanted, start - 1);
  const found = next >= 0 ? next : step === 1 ? text.indexOf(wanted) : text.lastIndexOf(wanted);
  return { start: found, end: found + wanted.length };
}

/** A span without the white space at its ends; null where nothing else is left. */
export function trimmed(text: string, { start, end }: Span): Span | null {
  const said = text.slice(start, end);
  if (said.trim() === "") return null;
  return { start: start + said.length - said.trimStart().length, end: end - (said.length - said.trimEnd().length) };
}
