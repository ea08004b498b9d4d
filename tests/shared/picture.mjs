/** What a picture holds. */
import { PNG } from "pngjs";

/** How many different colours a PNG holds, told apart by their upper five bits each. */
export function colors(png) {
  const { data } = PNG.sync.read(png);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) seen.add(((data[i] >> 3) << 10) | ((data[i + 1] >> 3) << 5) | (data[i + 2] >> 3));
  return seen.size;
}
