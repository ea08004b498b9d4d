/** Columns of a grid: widths, and which of them are seen. Tables may have thousands. */
import type { Column } from "../gen/operations";

export interface GridColumn {
  name: string;
  width: number;
  /** Whether its cells stand to the right. */
  numeric: boolean;
  /** Whether it takes a part of the room that is left over. */
  grows?: boolean;
}

/** Widths that fill the room: what is left over goes to the columns that grow. */
export function filling(widths: readonly number[], grows: readonly boolean[], room: number): number[] {
  const left = room - widths.reduce((sum, width) => sum + width, 0);
  const takers = grows.filter(Boolean).length;
  if (left <= 0 || takers === 0) return [...widths];
  return widths.map((width, i) => (grows[i] ? width + Math.floor(left / takers) : width));
}

/** A row the person points at to choose: alone, as well, up to here, or every row. */
export interface RowPick {
  place: number;
  mode: "one" | "toggle" | "range" | "all";
}

/** A width that fits most of what a column holds, from its name and its sample. */
export function fittingWidth(column: Pick<Column, "name" | "role" | "sample">): number {
  const longest = Math.max(column.name.length + 7, ...column.sample.map((value) => Math.min(value.length, 60)));
  const most = column.role === "text" ? 360 : 220;
  return Math.round(Math.min(most, Math.max(88, longest * 7 + 24)) / 4) * 4;
}

/** Left edge of each column, and the whole width at the end. */
export function edges(widths: readonly number[]): number[] {
  const at = [0];
  for (const width of widths) at.push(at[at.length - 1] + width);
  return at;
}

/** First and last column (exclusive) that touch the seen span, by bisection. */
export function seenColumns(at: readonly number[], left: number, width: number): [number, number] {
  const count = at.length - 1;
  const bisect = (x: number) => {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at[middle + 1] <= x) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const first = Math.min(bisect(left), Math.max(0, count - 1));
  return [first, Math.min(count, bisect(left + width) + 1)];
}
