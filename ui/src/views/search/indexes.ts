/** The index of a table: which it is, and what a new one is called. */
import type { Dataset, EmbedSettings, Index } from "../../gen/operations";

/** An index is a folder by its name. */
const LONGEST = 100;

/** How a model makes the vectors of rows; all but the model is as it is unless one says. */
export function vectorsBy(model: string): EmbedSettings {
  return { model, role: "document", normalize: false, batch: 32, device: "auto", precision: "auto" };
}

/** Whether another program made its vectors, and no model is named that makes those of queries. */
export function isGiven(index: Index): boolean {
  return index.space?.model === "own" && index.settings === null;
}

/** The index of an earlier version of a table, which came from the same file or one of its name: the newest that can go over to it. */
export function earlierOf(dataset: Dataset, datasets: readonly Dataset[], indexes: readonly Index[]): Index | null {
  const versions = datasets.filter((one) => (one.path === dataset.path || one.name === dataset.name) && one.imported_at < dataset.imported_at && one.id !== dataset.id).map((one) => one.id);
  const columns = new Set(dataset.columns.map((column) => column.name));
  const fits = (index: Index) => index.dataset !== null && versions.includes(index.dataset) && [...index.text_cols, ...(index.id_col === null ? [] : [index.id_col])].every((name) => columns.has(name));
  return indexes.filter((index) => fits(index) && !isGiven(index)).toSorted((a, b) => b.updated_at - a.updated_at)[0] ?? null;
}

/** The index of a table, the newest where there are several. */
export function indexOf(indexes: readonly Index[], dataset: number | null): Index | null {
  const own = indexes.filter((index) => dataset !== null && index.dataset === dataset);
  return own.toSorted((a, b) => b.created_at - a.created_at)[0] ?? null;
}

const shortened = (name: string, length: number) => [...name].slice(0, length).join("").replace(/[. ]+$/, "");

/** A table's name as an index can have it: no folder's separator, nothing that Windows forbids. */
export function soundName(name: string): string {
  const sound = name
    .replace(/[/\\:*?"<>|\p{Cc}]+/gu, " ")
    .replace(/\s+/g, " ")
    .replace(/^[. ]+|[. ]+$/g, "");
  // Some names are devices on Windows, whatever their case.
  return sound === "" || /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(sound) ? `mirante ${sound}`.trimEnd() : shortened(sound, LONGEST);
}

/** What a new index of a table is called: by the table, and by its number where another's index has that name. */
export function nameFor(dataset: Pick<Dataset, "id" | "name">, indexes: readonly Index[]): string {
  const name = soundName(dataset.name);
  // Folders whose names differ by case alone are one on many disks.
  const taken = (wanted: string) => indexes.some((index) => index.dataset !== dataset.id && index.name.toLowerCase() === wanted.toLowerCase());
  let free = name;
  for (let turn = 1; taken(free); turn += 1) {
    const suffix = turn === 1 ? ` ${dataset.id}` : ` ${dataset.id}-${turn}`;
    free = shortened(name, LONGEST - suffix.length) + suffix;
  }
  return free;
}
