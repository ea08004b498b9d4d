/** Finds a search in a cell the way the backend does: case and accents do not count. */

export interface Piece {
  text: string;
  hit: boolean;
}

/** One plain character for each character of the text, so that places in both agree. */
function plainByCharacter(text: string): string {
  let plain = "";
  for (let i = 0; i < text.length; i += 1) {
    const base = text[i].normalize("NFD")[0].toLowerCase();
    plain += base.length === 1 ? base : text[i];
  }
  return plain;
}

/** Cuts a text into pieces that match the query and pieces that do not. */
export function marked(text: string, query: string): Piece[] {
  const wanted = plainByCharacter(query.trim().normalize("NFC"));
  if (wanted === "" || text === "") return [{ text, hit: false }];
  const plain = plainByCharacter(text);
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = plain.indexOf(wanted); at >= 0; at = plain.indexOf(wanted, from)) {
    if (at > from) pieces.push({ text: text.slice(from, at), hit: false });
    pieces.push({ text: text.slice(at, at + wanted.length), hit: true });
    from = at + wanted.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hit: false });
  return pieces;
}
