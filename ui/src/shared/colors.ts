/** Colours and letters of segments: the eight of Okabe and Ito (2008), then lightness steps of them. */

export type Rgb = readonly [number, number, number];

const OKABE_ITO: readonly Rgb[] = [
  [0xe6, 0x9f, 0x00],
  [0x56, 0xb4, 0xe9],
  [0x00, 0x9e, 0x73],
  [0xf0, 0xe4, 0x42],
  [0x00, 0x72, 0xb2],
  [0xd5, 0x5e, 0x00],
  [0xcc, 0x79, 0xa7],
  [0x00, 0x00, 0x00],
];

/** How far each further round of the palette goes towards the ground (below 0) or the ink (above 0). */
const STEPS = [0, 0.4, -0.4, 0.65, -0.6, 0.2, -0.2];

function mix(from: Rgb, to: Rgb, part: number): Rgb {
  const at = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * part);
  return [at(0), at(1), at(2)];
}

/** The colour of a segment. Black, the eighth, is pale grey on a dark ground, where black would vanish. */
export function segmentColor(id: number, dark: boolean): Rgb {
  const place = id % OKABE_ITO.length;
  const base: Rgb = place === 7 ? (dark ? [0xd0, 0xd4, 0xda] : [0x2b, 0x2f, 0x36]) : OKABE_ITO[place];
  const step = STEPS[Math.floor(id / OKABE_ITO.length) % STEPS.length];
  return step >= 0 ? mix(base, [255, 255, 255], step) : mix(base, [0, 0, 0], -step);
}

export const css = ([r, g, b]: Rgb) => `rgb(${r} ${g} ${b})`;

/** Relative luminance (WCAG 2.2). */
export function luminance(color: Rgb): number {
  const [r, g, b] = color.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever reads better on a colour: at least 4.5:1 on any. */
export function inkOn(color: Rgb): string {
  const light = luminance(color);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? "#000" : "#fff";
}

/** The letter of a segment: A to Z, then AA, AB, … as spreadsheets name columns. */
export function segmentLetter(id: number): string {
  let rest = id;
  let letters = "";
  do {
    letters = String.fromCharCode(65 + (rest % 26)) + letters;
    rest = Math.floor(rest / 26) - 1;
  } while (rest >= 0);
  return letters;
}
