/** Places in a text: Mirante counts characters, the page counts the halves that some of them have. */

/** A part of a text, from its first place to the one after its last. */
export interface Span {
  start: number;
  end: number;
}

/** A text, and the way from places in characters to places in it as the page counts them, and back. */
export class Text {
  /** The characters that have two halves, by their own number. */
  private readonly wide: number[] = [];

  constructor(readonly text: string) {
    // Looked for first: nearly no document has one.
    if (!/[\uD800-\uDBFF]/.test(text)) return;
    let number = 0;
    for (const character of text) {
      if (character.length === 2) this.wide.push(number);
      number += 1;
    }
  }

  /** Where a character begins, as the page counts. */
  unit(character: number): number {
    return character + below(this.wide, character);
  }

  /** The number of the character that begins at, or holds, a place of the page's. */
  character(unit: number): number {
    // The k-th wide character begins at its number and the k before it.
    let [low, high] = [0, this.wide.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.wide[middle] + middle + 1 <= unit) low = middle + 1;
      else high = middle;
    }
    return Math.min(unit, this.text.length) - low;
  }

  /** A span in characters as one of the page's. */
  units({ start, end }: Span): Span {
    return { start: this.unit(start), end: this.unit(end) };
  }

  /** A span of the page's in characters. */
  characters({ start, end }: Span): Span {
    return { start: this.character(start), end: this.character(end) };
  }
}

/** How many of some rising numbers are below another. */
function below(numbers: readonly number[], than: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < than) low = middle + 1;
    else high = middle;
  }
  return low;
}
