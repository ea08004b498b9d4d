/** Texts in pieces, some of which a model has marked. */

/** Places in characters, as models count them: one for each code point, not for each half of one. */
export interface Place {
  start: number;
  end: number;
}

export interface Piece<S> {
  text: string;
  span: S | null;
}

/** Cuts a text where spans begin and end. One that overlaps an earlier one, or is empty, is passed over. */
export function pieces<S extends Place>(text: string, spans: readonly S[]): Piece<S>[] {
  const characters = [...text];
  const cut: Piece<S>[] = [];
  let from = 0;
  const take = (to: number, span: S | null) => {
    if (to > from) cut.push({ text: characters.slice(from, to).join(""), span });
    from = Math.max(from, to);
  };
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const end = Math.min(span.end, characters.length);
    if (span.start < from || span.start >= end) continue;
    take(span.start, null);
    take(end, span);
  }
  take(characters.length, null);
  return cut;
}

/** The types of entities in the order they first stand in the text: a type's place is its colour. */
export function kindsOf(entities: readonly { type: string; start: number }[]): string[] {
  return [...new Set(entities.toSorted((a, b) => a.start - b.start).map((one) => one.type))];
}
