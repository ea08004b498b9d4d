/** Delimited text, read and written independently of Mirante. */

/** The records of a text, quoted line breaks and doubled quotes included. */
export function records(text, delimiter = ",") {
  const all = [];
  let [fields, field, quoted] = [[], "", false];
  const end = () => {
    fields.push(field);
    all.push(fields);
    [fields, field] = [[], ""];
  };
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i];
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[i + 1] === '"') [field, i] = [`${field}"`, i + 1];
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === delimiter) [fields, field] = [[...fields, field], ""];
    else if (letter === "\n") end();
    else if (letter !== "\r") field += letter;
  }
  if (field !== "" || fields.length > 0) end();
  return all;
}

/** The records of a text as they stand there, line ends included. */
export function rawRecords(text) {
  const all = [];
  let [began, quoted] = [0, false];
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === "\n" && !quoted) [began] = [i + 1, all.push(text.slice(began, i + 1))];
  }
  if (began < text.length) all.push(text.slice(began));
  return all;
}

/** Rows as delimited text; a field is quoted where it must be. */
export function written(rows, { delimiter = ",", lineEnd = "\n" } = {}) {
  const field = (value) => (/["\r\n]/.test(value) || value.includes(delimiter) ? `"${value.replaceAll('"', '""')}"` : value);
  return rows.map((row) => row.map((value) => field(String(value))).join(delimiter) + lineEnd).join("");
}
