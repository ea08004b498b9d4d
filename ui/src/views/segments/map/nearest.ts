/** Finds the point under the pointer: rows sorted into square cells. */
import type { Box } from "./camera";

export class Nearest {
  private readonly side: number;
  private readonly starts: Uint32Array;
  private readonly rows: Uint32Array;

  constructor(
    private readonly xy: Float32Array,
    private readonly box: Box,
  ) {
    const count = xy.length / 2;
    this.side = Math.min(1024, Math.max(1, Math.ceil(Math.sqrt(count / 4))));
    this.starts = new Uint32Array(this.side * this.side + 1);
    const cells = new Uint32Array(count);
    for (let row = 0; row < count; row += 1) {
      cells[row] = this.cell(0, xy[2 * row]) + this.side * this.cell(1, xy[2 * row + 1]);
      this.starts[cells[row] + 1] += 1;
    }
    for (let i = 1; i < this.starts.length; i += 1) this.starts[i] += this.starts[i - 1];
    const next = this.starts.slice();
    this.rows = new Uint32Array(count);
    for (let row = 0; row < count; row += 1) this.rows[next[cells[row]]++] = row;
  }

  /** The row nearest to a place and within a radius, among those that `wanted` lets through; −1 for none. */
  find(x: number, y: number, radius: number, wanted: (row: number) => boolean): number {
    let best = -1;
    let least = radius * radius;
    for (let cy = this.cell(1, y - radius); cy <= this.cell(1, y + radius); cy += 1) {
      for (let cx = this.cell(0, x - radius); cx <= this.cell(0, x + radius); cx += 1) {
        const cell = cx + this.side * cy;
        for (let i = this.starts[cell]; i < this.starts[cell + 1]; i += 1) {
          const row = this.rows[i];
          const distance = (this.xy[2 * row] - x) ** 2 + (this.xy[2 * row + 1] - y) ** 2;
          if (distance <= least && wanted(row)) [best, least] = [row, distance];
        }
      }
    }
    return best;
  }

  /** The cell of a coordinate; points outside the box lie in the cells at its rim. */
  private cell(axis: 0 | 1, value: number): number {
    const [low, high] = [this.box[axis], this.box[axis + 2]];
    const at = Math.floor(((value - low) / Math.max(1e-12, high - low)) * this.side);
    return Math.min(this.side - 1, Math.max(0, at));
  }
}
