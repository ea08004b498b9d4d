/** Curves of a training: which there are, how they are scaled, smoothed and thinned, and the picture of them. */
import type { Training } from "../../gen/operations";
import { better, headlineOf, taughtBy } from "./kinds";
import { ticks } from "../segments/ticks";

export interface Point {
  step: number;
  value: number;
}

export const MEASURES = ["loss", "score", "learning_rate", "tokens_per_second", "memory"] as const;
export type Measure = (typeof MEASURES)[number];

/** What there is to be drawn of a training: a model that writes is judged by its loss alone. */
export function measuresOf({ request }: Pick<Training, "request">): Measure[] {
  return MEASURES.filter((measure) => measure !== "score" || taughtBy(request) !== "write");
}

/** What was measured after each step, or at each evaluation; what the system did not say is left out. */
export function seriesOf(training: Pick<Training, "curve" | "evaluations" | "request">, measure: Measure): Point[] {
  if (measure === "score") return scoresOf(training);
  return training.curve.flatMap((one) => {
    const value = one[measure];
    return value !== null && Number.isFinite(value) ? [{ step: one.step, value }] : [];
  });
}

/** The loss of the examples that are not learned. */
export function evaluationsOf({ evaluations }: Pick<Training, "evaluations">): (Point & { best: boolean })[] {
  return evaluations.flatMap(({ step, figures, is_best }) => (Number.isFinite(figures.loss) ? [{ step, value: figures.loss, best: is_best }] : []));
}

/** The figure that a training is judged by, at each evaluation. */
export function scoresOf(training: Pick<Training, "evaluations" | "request">): (Point & { best: boolean })[] {
  const headline = headlineOf(training);
  return training.evaluations.flatMap(({ step, figures, is_best }) => (Number.isFinite(figures[headline]) ? [{ step, value: figures[headline], best: is_best }] : []));
}

/** The best evaluation: the last that was never better; null before the first. */
export function bestOf(training: Pick<Training, "evaluations" | "request">): Point | null {
  return scoresOf(training).findLast((one) => one.best) ?? null;
}

/** What a training came to, or its best so far, by the figure that it is judged by. */
export function heldOf(training: Pick<Training, "evaluations" | "request" | "result">): number | undefined {
  return training.result?.figures[headlineOf(training)] ?? bestOf(training)?.value;
}

/** Whether a training came to more than every other of its kind. */
export function isBestOf(training: Training, all: readonly Training[]): boolean {
  const taught = taughtBy(training.request);
  const held = heldOf(training);
  const others = all.filter((one) => one !== training && taughtBy(one.request) === taught).flatMap((one) => heldOf(one) ?? []);
  return held !== undefined && others.length > 0 && !others.some((other) => better(taught, other, held));
}

/**
 * A running mean whose weights fall by `keep` a step, freed of its start at nought (Kingma and Ba, 2015,
 * section 3), so that the first values are not drawn down.
 */
export function smoothed(points: readonly Point[], keep: number): Point[] {
  let [sum, weight] = [0, 0];
  return points.map(({ step, value }) => {
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return { step, value: sum / weight };
  });
}

/** The weight with which a mean over about a twentieth of a curve keeps what was before, at most twenty steps: more lags behind. */
export function keepOf(points: number): number {
  return 1 - 1 / Math.min(20, Math.max(2, points / 20));
}

/** At most about `most` points: of each stretch its first, its lowest, its highest and its last, in their order. */
export function thinned(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points];
  const stretch = Math.ceil(points.length / Math.max(1, Math.floor(most / 4)));
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += stretch) {
    const part = points.slice(from, from + stretch);
    let [low, high] = [part[0], part[0]];
    for (const one of part) {
      if (one.value < low.value) low = one;
      if (one.value > high.value) high = one;
    }
    kept.push(...new Set([part[0], low, high, part[part.length - 1]].sort((a, b) => a.step - b.step)));
  }
  return kept;
}

/**
 * The step that a curve is drawn to. One at work is given room to grow, doubled whenever it is full, so that the first
 * steps of a long training can be told apart and the picture does not shift with each.
 */
export function endOf({ state, step, steps }: Pick<Training, "state" | "step" | "steps">): number {
  if (state !== "running") return step;
  let room = 10;
  while (room < step) room *= 2;
  return Math.max(step, Math.min(room, steps));
}

/** A frame with room for the numbers at its left and under it. */
export const FRAME = { left: 56, right: 28, top: 10, bottom: 24 } as const;

export interface Scale {
  x: (step: number) => number;
  y: (value: number) => number;
  /** The step under a place, not rounded. */
  stepAt: (x: number) => number;
  steps: number[];
  values: number[];
}

/** Where steps from 1 to `last` and the points' values are drawn in a picture of that size. */
export function scaleOf(points: readonly Point[], last: number, width: number, height: number): Scale {
  let [low, high] = [Infinity, -Infinity];
  for (const { value } of points) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  // A flat line stands in the middle; others keep clear of the frame.
  const spare = high > low ? (high - low) * 0.05 : Math.abs(high) * 0.5 || 1;
  const bottom = low >= 0 ? Math.max(0, low - spare) : low - spare;
  const top = high + spare;
  const [first, end] = [1, Math.max(2, last)];
  const room = Math.max(1, width - FRAME.left - FRAME.right);
  const tall = Math.max(1, height - FRAME.top - FRAME.bottom);
  return {
    x: (step) => FRAME.left + ((step - first) / (end - first)) * room,
    y: (value) => FRAME.top + (1 - (value - bottom) / (top - bottom)) * tall,
    stepAt: (x) => first + ((x - FRAME.left) / room) * (end - first),
    steps: ticks(first, end, Math.max(2, Math.floor(room / 96))).filter((step) => Number.isInteger(step)),
    values: ticks(bottom, top, 4),
  };
}

/** The line through points, as an SVG path. */
export function pathOf(points: readonly Point[], { x, y }: Pick<Scale, "x" | "y">): string {
  return points.map(({ step, value }, i) => `${i === 0 ? "M" : "L"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("");
}

/** The place in a list, in the order of its steps, of the point nearest to a step; -1 in an empty one. */
export function nearest(points: readonly Point[], step: number): number {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].step < step) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && step - points[low - 1].step < points[low].step - step) return low - 1;
  return points.length === 0 ? -1 : low;
}
