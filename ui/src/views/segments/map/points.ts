/** A run's points as they come from the backend, and as they are drawn. */
import { hasBit } from "../../../shared/bits";
import { segmentColor } from "../../../shared/colors";
import type { Box, Point } from "./camera";

export interface Points {
  count: number;
  /** x and y by row. */
  xy: Float32Array;
  /** Segment by row. */
  segment: Uint16Array;
  /** Rows in the order they are drawn: any beginning of it is a fair sample of all. */
  order: Uint32Array;
}

/** A small generator (mulberry32): the same order each time, so that a map never flickers. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Reads n × (x: f32, y: f32), then n × (segment: u16), little-endian. */
export function readPoints(bytes: ArrayBuffer): Points {
  const count = Math.floor(bytes.byteLength / 10);
  const xy = new Float32Array(bytes, 0, count * 2);
  const segment = new Uint16Array(bytes, count * 8, count);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const next = random(7);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return { count, xy, segment, order };
}

/** Positions in drawing order. */
export function drawnPositions({ count, xy, order }: Points): Float32Array {
  const drawn = new Float32Array(count * 2);
  for (let i = 0; i < count; i += 1) {
    drawn[2 * i] = xy[2 * order[i]];
    drawn[2 * i + 1] = xy[2 * order[i] + 1];
  }
  return drawn;
}

/** Alpha below which a point counts as faded: drawn opaque, in a pale grey, behind the others. */
export const FADED = 128;

/** Colours in drawing order, four bytes each. Rows outside `bits` fade to grey. */
export function drawnColors({ count, segment, order }: Points, bits: Uint8Array | null, dark: boolean): Uint8Array {
  const colors = new Uint8Array(count * 4);
  const palette: (readonly [number, number, number])[] = [];
  // Opaque, so that many faded points on one place are no darker than one.
  const grey = dark ? [40, 46, 54] : [224, 228, 233];
  for (let i = 0; i < count; i += 1) {
    const row = order[i];
    const id = segment[row];
    const shown = bits === null || hasBit(bits, row);
    const color = shown ? (palette[id] ??= segmentColor(id, dark)) : grey;
    colors[4 * i] = color[0];
    colors[4 * i + 1] = color[1];
    colors[4 * i + 2] = color[2];
    colors[4 * i + 3] = shown ? 225 : 100;
  }
  return colors;
}

const SAMPLE = 50_000;

/** A box that holds all but the outermost points, from a sample. */
export function bounds({ count, xy, order }: Points): Box {
  if (count === 0) return [-1, -1, 1, 1];
  const size = Math.min(count, SAMPLE);
  const along = (axis: 0 | 1) => Float32Array.from({ length: size }, (_, i) => xy[2 * order[i] + axis]).sort();
  const [xs, ys] = [along(0), along(1)];
  const cut = count > 200 ? Math.floor(size * 0.003) : 0;
  return [xs[cut], ys[cut], xs[size - 1 - cut], ys[size - 1 - cut]];
}

/** The middle (median x, median y) of each segment, from a sample: where its letter stands. */
export function middles({ count, xy, order, segment }: Points): Map<number, Point> {
  const found = new Map<number, [number[], number[]]>();
  for (let i = 0; i < Math.min(count, SAMPLE); i += 1) {
    const row = order[i];
    const lists = found.get(segment[row]) ?? [[], []];
    lists[0].push(xy[2 * row]);
    lists[1].push(xy[2 * row + 1]);
    found.set(segment[row], lists);
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1];
  return new Map([...found].map(([id, [xs, ys]]) => [id, [median(xs), median(ys)]]));
}

/** Pixels across a point: fewer rows, larger points; nearer, larger. */
export function pointSize(count: number, zoom: number): number {
  const base = count <= 2_000 ? 7 : count <= 20_000 ? 5 : count <= 200_000 ? 3.5 : 2.5;
  return Math.min(14, Math.max(1.5, base * Math.max(1, zoom) ** 0.3));
}
