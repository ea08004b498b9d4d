/** The columns and the file that a model's answers about a table go to. */
import type { Column } from "../../gen/operations";
import { soundName } from "../search/indexes";
import type { Task } from "./tasks";

/** Tasks that write a score beside what they say. */
const SCORED: readonly Task[] = ["classify", "answer"];

/** A column's name that the table does not have: as wanted, else with the first number that is free. */
export function freeName(wanted: string, columns: readonly Pick<Column, "name">[]): string {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  let name = wanted;
  for (let turn = 2; taken.has(name.toLowerCase()); turn += 1) name = `${wanted}_${turn}`;
  return name;
}

/** Every column that is appended, as the backend calls them after the first. */
export function appended(task: Task, first: string): string[] {
  return SCORED.includes(task) ? [first, `${first}_score`] : [first];
}

/** What the file is called: by the table and by what is new in it. */
export function resultFile(table: string, column: string): string {
  return `${soundName(`${table}-${column}`)}.csv`;
}

/** Counts, the most frequent first, and by name where they are equal. */
export function ordered(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
