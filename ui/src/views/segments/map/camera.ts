/** Where the map is looked at: its middle in map coordinates, and pixels per unit. */

export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Least x, least y, greatest x, greatest y. */
export type Box = readonly [number, number, number, number];
export type Point = [number, number];

export function toScreen(camera: Camera, size: Size, [x, y]: Point): Point {
  return [(x - camera.x) * camera.scale + size.width / 2, size.height / 2 - (y - camera.y) * camera.scale];
}

export function toMap(camera: Camera, size: Size, [sx, sy]: Point): Point {
  return [(sx - size.width / 2) / camera.scale + camera.x, (size.height / 2 - sy) / camera.scale + camera.y];
}

/** The part of a side that a fitted box takes: a margin, and below it the legend's height. */
const taken = (side: number) => Math.max(side * 0.5, Math.min(side * 0.88, side - 80));

/** Shows a whole box with a margin. */
export function fit([x0, y0, x1, y1]: Box, size: Size): Camera {
  const [width, height] = [Math.max(1e-6, x1 - x0), Math.max(1e-6, y1 - y0)];
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, scale: Math.min(taken(size.width) / width, taken(size.height) / height) };
}

/** The camera after the screen changed size: a map seen whole stays whole. */
export function refit(camera: Camera, box: Box, before: Size, size: Size): Camera {
  const whole = fit(box, before);
  return camera.x === whole.x && camera.y === whole.y && camera.scale === whole.scale ? fit(box, size) : camera;
}

/** Moves labels that would cover one another to the right, in their order, until `apart` pixels part them. */
export function spread<T>(labels: [T, Point][], apart: number): [T, Point][] {
  const placed: [T, Point][] = [];
  for (const [label, [x, y]] of labels) {
    let at = x;
    const inWay = () => placed.find(([, other]) => Math.abs(other[0] - at) < apart && Math.abs(other[1] - y) < apart);
    for (let other = inWay(); other !== undefined; other = inWay()) at = other[1][0] + apart;
    placed.push([label, [at, y]]);
  }
  return placed;
}

/** Zooms by a factor and keeps the point under the pointer where it is. */
export function zoomAt(camera: Camera, size: Size, at: Point, factor: number): Camera {
  const [x, y] = toMap(camera, size, at);
  const scale = Math.min(1e7, Math.max(1e-4, camera.scale * factor));
  const part = camera.scale / scale;
  return { x: x + (camera.x - x) * part, y: y + (camera.y - y) * part, scale };
}

/** Follows two fingers: what lay under each of them before lies between them as it did, moved and scaled. */
export function pinch(camera: Camera, size: Size, before: readonly [Point, Point], now: readonly [Point, Point]): Camera {
  const apart = ([a, b]: readonly [Point, Point]) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
  const middle = ([a, b]: readonly [Point, Point]): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [from, to] = [middle(before), middle(now)];
  return pan(zoomAt(camera, size, from, apart(now) / apart(before)), to[0] - from[0], to[1] - from[1]);
}

/**
 * The factor that a turn of the wheel zooms by. A pinch on a trackpad comes as a wheel with Ctrl and
 * few pixels; lines (`mode` 1) come from wheels that count notches.
 */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }: Pick<WheelEvent, "deltaY" | "deltaMode" | "ctrlKey">): number {
  const per = deltaMode !== 0 ? 0.05 : ctrlKey ? 0.01 : 0.0015;
  // A mouse wheel turned with Ctrl held comes with many pixels: no more than a doubling at once.
  return Math.exp(Math.max(-Math.LN2, Math.min(Math.LN2, -deltaY * per)));
}

/** Moves by pixels. */
export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y + dy / camera.scale };
}
