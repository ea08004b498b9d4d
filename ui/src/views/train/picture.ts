/** The chart of a training as a picture of its own, for a report: its colours do not follow the screen's theme. */
import { endOf, evaluationsOf, FRAME, keepOf, pathOf, scaleOf, seriesOf, smoothed } from "./curve";
import type { Training } from "../../gen/operations";

const [WIDTH, HEIGHT] = [720, 360];
const [INK, RULE, LEARNED, MEASURED] = ["#1a1e24", "#dde1e6", "#0b5cab", "#b3261e"];

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The loss by steps as SVG; `words` names its lines, `told` writes its numbers. */
export function lossPicture(training: Pick<Training, "curve" | "evaluations" | "request" | "state" | "step" | "steps">, words: { title: string; learned: string; measured: string }, told: (value: number) => string): string {
  const losses = seriesOf(training, "loss");
  const held = evaluationsOf(training);
  const scale = scaleOf([...losses, ...held], endOf(training), WIDTH, HEIGHT - 40);
  const text = (x: number, y: number, said: string, more = "") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(said)}</text>`;
  const rules = scale.values.map((value) => `<path d="M${FRAME.left} ${scale.y(value).toFixed(1)}H${WIDTH - FRAME.right}" stroke="${RULE}"/>${text(FRAME.left - 8, scale.y(value) + 4, told(value), 'text-anchor="end"')}`);
  const steps = scale.steps.map((step) => text(scale.x(step), HEIGHT - 46, told(step), 'text-anchor="middle"'));
  const line = (path: string, colour: string, more = "") => `<path d="${path}" fill="none" stroke="${colour}" ${more}/>`;
  const dots = held.map((one) => `<circle cx="${scale.x(one.step).toFixed(1)}" cy="${scale.y(one.value).toFixed(1)}" r="3" fill="${MEASURED}"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="${INK}">`,
    `<title>${escaped(words.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...rules,
    ...steps,
    line(pathOf(losses, scale), LEARNED, 'stroke-opacity="0.35"'),
    line(pathOf(smoothed(losses, keepOf(losses.length)), scale), LEARNED, 'stroke-width="1.5"'),
    line(pathOf(held, scale), MEASURED, 'stroke-width="1.5" stroke-dasharray="4 3"'),
    ...dots,
    text(FRAME.left, HEIGHT - 12, `— ${words.learned}`, `fill="${LEARNED}"`),
    ...(held.length > 0 ? [text(FRAME.left + 240, HEIGHT - 12, `● ${words.measured}`, `fill="${MEASURED}"`)] : []),
    "</svg>",
  ].join("\n");
}
