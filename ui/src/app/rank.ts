/** Finds by typing: every word must stand in the text, case and accents aside; early matches first. */

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The items that hold every word of the query, the best first; all of them for an empty query. */
export function rank<T>(query: string, items: readonly T[], text: (item: T) => string): T[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...items];
  const scored: { item: T; score: number; place: number }[] = [];
  items.forEach((item, place) => {
    const haystack = plain(text(item));
    let score = 0;
    for (const word of words) {
      const at = haystack.indexOf(word);
      if (at < 0) return;
      // The start of a word counts more than its middle.
      score += at + (at === 0 || /\W/.test(haystack[at - 1]) ? 0 : 100);
    }
    scored.push({ item, score, place });
  });
  return scored.sort((a, b) => a.score - b.score || a.place - b.place).map(({ item }) => item);
}
