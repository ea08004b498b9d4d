/** The part of a text that shows why it was found. */
import type { Piece } from "../../shared/mark";
import { folded, WORD } from "./queryWords";

/** A text, or a part of it, in pieces that are words of the query and pieces that are not. */
export interface Passage {
  pieces: Piece[];
  /** Whether something of the text comes before, and after. */
  before: boolean;
  after: boolean;
}

/** Cuts a text where words of the query stand in it. Whole words only: `de` is not marked in `cidade`. */
export function markWords(text: string, words: ReadonlySet<string>): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: word, index } of words.size === 0 ? [] : text.matchAll(WORD)) {
    if (!words.has(folded(word))) continue;
    if (index > from) pieces.push({ text: text.slice(from, index), hit: false });
    pieces.push({ text: word, hit: true });
    from = index + word.length;
  }
  if (from < text.length || pieces.length === 0) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}

function firstHit(text: string, words: ReadonlySet<string>): number {
  for (const { 0: word, index } of words.size === 0 ? [] : text.matchAll(WORD)) if (words.has(folded(word))) return index;
  return 0;
}

/** The nearest end of a word at or before a place; the place itself in a text that has none near. */
function atSpace(text: string, place: number): number {
  const space = text.lastIndexOf(" ", place);
  if (space >= place - 40 && space > 0) return space;
  // Not between the two halves of one character.
  return /[\uDC00-\uDFFF]/.test(text[place] ?? "") ? place - 1 : place;
}

/** The text, or if it is longer than `most` characters the part of it around the first word of the query. */
export function passage(text: string, words: ReadonlySet<string>, most = 300): Passage {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= most) return { pieces: markWords(line, words), before: false, after: false };
  const hit = firstHit(line, words);
  // A third of the room before the hit, unless the text's end leaves more.
  const wanted = Math.max(0, Math.min(hit - Math.floor(most / 3), line.length - most));
  const start = wanted === 0 ? 0 : Math.min(hit, atSpace(line, wanted));
  const end = wanted + most >= line.length ? line.length : Math.max(hit + 1, atSpace(line, wanted + most));
  return { pieces: markWords(line.slice(start, end).trim(), words), before: start > 0, after: end < line.length };
}
