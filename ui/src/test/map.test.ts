import { describe, expect, it } from "vitest";
import { countBits, hasBit } from "../shared/bits";
import { inkOn, luminance, segmentColor, segmentLetter } from "../shared/colors";
import { fit, pan, pinch, refit, spread, toMap, toScreen, wheelFactor, zoomAt, type Point } from "../views/segments/map/camera";
import { simplified } from "../views/segments/map/lasso";
import { Nearest } from "../views/segments/map/nearest";
import { bounds, drawnColors, drawnPositions, FADED, middles, readPoints } from "../views/segments/map/points";
import { ticks } from "../views/segments/ticks";

const size = { width: 800, height: 600 };

function cloud(count: number): ArrayBuffer {
  const bytes = new ArrayBuffer(count * 10);
  const view = new DataView(bytes);
  for (let i = 0; i < count; i += 1) {
    view.setFloat32(8 * i, Math.sin(i * 12.9898) * 10, true);
    view.setFloat32(8 * i + 4, Math.cos(i * 78.233) * 5, true);
    view.setUint16(8 * count + 2 * i, i % 3, true);
  }
  return bytes;
}

describe("camera", () => {
  const camera = fit([-10, -5, 10, 5], size);

  it("keeps a map that was seen whole in whole when the screen changes size", () => {
    const small = { width: 800, height: 320 };
    expect(refit(camera, [-10, -5, 10, 5], size, small)).toEqual(fit([-10, -5, 10, 5], small));
    const moved = pan(camera, 5, 0);
    expect(refit(moved, [-10, -5, 10, 5], size, small)).toBe(moved);
  });

  it("leaves room for the legend below a box", () => {
    const [, y] = toScreen(fit([-1, -1, 1, 1], { width: 400, height: 320 }), { width: 400, height: 320 }, [0, -1]);
    expect(320 - y).toBeGreaterThanOrEqual(40);
  });

  it("keeps letters from covering one another", () => {
    const placed = spread<string>([["A", [10, 10]], ["B", [12, 14]], ["C", [31, 12]], ["D", [10, 90]]], 20);
    expect(placed.map(([, [x]]) => x)).toEqual([10, 30, 50, 10]);
  });

  it("shows a box whole and in the middle", () => {
    expect(toScreen(camera, size, [0, 0])).toEqual([400, 300]);
    const [x, y] = toScreen(camera, size, [10, 5]);
    expect(x).toBeLessThan(800);
    expect(y).toBeGreaterThan(0);
  });

  it("keeps what is under the pointer when it zooms", () => {
    const at: Point = [123, 456];
    const before = toMap(camera, size, at);
    const after = toMap(zoomAt(camera, size, at, 3), size, at);
    expect(after[0]).toBeCloseTo(before[0], 9);
    expect(after[1]).toBeCloseTo(before[1], 9);
  });

  it("keeps what is under two fingers under them", () => {
    const before: [Point, Point] = [[300, 200], [400, 300]];
    const now: [Point, Point] = [[250, 180], [450, 380]];
    const places = before.map((finger) => toMap(camera, size, finger));
    const after = pinch(camera, size, before, now);
    expect(after.scale / camera.scale).toBeCloseTo(2, 9);
    places.forEach((place, i) => toScreen(after, size, place).forEach((value, axis) => expect(value).toBeCloseTo(now[i][axis], 6)));
    // Fingers that meet do not make the map vanish.
    expect(Number.isFinite(pinch(camera, size, [[5, 5], [5, 5]], now).scale)).toBe(true);
  });

  it("zooms by the wheel in either direction, more for a trackpad's pinch, and never leaps", () => {
    const turn = (deltaY: number, ctrlKey = false, deltaMode = 0) => wheelFactor({ deltaY, ctrlKey, deltaMode });
    expect(turn(-100)).toBeGreaterThan(1);
    expect(turn(-100) * turn(100)).toBeCloseTo(1, 9);
    expect(turn(-4, true)).toBeGreaterThan(turn(-4));
    expect(turn(-5000, true)).toBeCloseTo(2, 9);
    expect(turn(3, false, 1)).toBeLessThan(1);
  });

  it("moves what is seen with the pointer", () => {
    const [x, y] = toScreen(pan(camera, 30, -20), size, [1, 2]);
    const [x0, y0] = toScreen(camera, size, [1, 2]);
    expect([x - x0, y - y0].map(Math.round)).toEqual([30, -20]);
  });
});

describe("points", () => {
  const points = readPoints(cloud(1000));

  it("are read as the contract lays them out", () => {
    expect(points.count).toBe(1000);
    expect(points.xy[2 * 7]).toBeCloseTo(Math.sin(7 * 12.9898) * 10, 4);
    expect(points.segment[7]).toBe(1);
  });

  it("are drawn in an order that holds each once, the same every time", () => {
    expect([...points.order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...readPoints(cloud(1000)).order]).toEqual([...points.order]);
    expect(drawnPositions(points)[0]).toBe(points.xy[2 * points.order[0]]);
  });

  it("fade when they are not among the chosen", () => {
    const bits = new Uint8Array(125);
    bits[0] = 0b101;
    const colors = drawnColors(points, bits, false);
    const bright = Array.from({ length: 1000 }, (_, i) => i).filter((i) => colors[4 * i + 3] >= FADED);
    expect(bright.map((i) => points.order[i]).sort((a, b) => a - b)).toEqual([0, 2]);
    expect(drawnColors(points, null, true).filter((_, i) => i % 4 === 3).every((alpha) => alpha >= FADED)).toBe(true);
  });

  it("tell their bounds and where each segment lies", () => {
    const [x0, y0, x1, y1] = bounds(points);
    expect(x0).toBeGreaterThanOrEqual(-10);
    expect(x1).toBeLessThanOrEqual(10);
    expect(y1).toBeGreaterThan(y0);
    expect([...middles(points).keys()].sort()).toEqual([0, 1, 2]);
    expect(bounds(readPoints(new ArrayBuffer(0)))).toEqual([-1, -1, 1, 1]);
  });

  it("are found by their nearest, as a search through all finds them", () => {
    const nearest = new Nearest(points.xy, bounds(points));
    for (let k = 0; k < 50; k += 1) {
      const [x, y] = [Math.sin(k) * 12, Math.cos(k * 3) * 6];
      let [best, least] = [-1, 1];
      for (let row = 0; row < 1000; row += 1) {
        const off = Math.hypot(points.xy[2 * row] - x, points.xy[2 * row + 1] - y);
        if (off <= least) [best, least] = [row, off];
      }
      expect(nearest.find(x, y, 1, () => true)).toBe(best);
    }
    expect(nearest.find(0, 0, 5, () => false)).toBe(-1);
  });
});

describe("lasso", () => {
  it("keeps corners and drops what lies between them", () => {
    const path: Point[] = [[0, 0], [5, 0.1], [10, 0], [10, 5], [10, 10]];
    expect(simplified(path, 0.5)).toEqual([[0, 0], [10, 0], [10, 10]]);
    expect(simplified(path, 0.01)).toHaveLength(4);
    expect(simplified([[1, 1]], 1)).toEqual([[1, 1]]);
  });
});

describe("bits", () => {
  it("are counted and asked as the backend sets them", () => {
    const bits = Uint8Array.from([0b1000_0001, 0xff, 0]);
    expect(countBits(bits)).toBe(10);
    expect([0, 1, 7, 8, 16].map((row) => hasBit(bits, row))).toEqual([true, false, true, true, false]);
  });
});

describe("colours", () => {
  it("differ among the first forty segments, on either ground", () => {
    for (const dark of [false, true]) expect(new Set(Array.from({ length: 40 }, (_, id) => segmentColor(id, dark).join())).size).toBe(40);
  });

  it("carry letters that can be read: at least 4.5 to 1", () => {
    for (let id = 0; id < 56; id += 1) {
      for (const dark of [false, true]) {
        const light = luminance(segmentColor(id, dark)) + 0.05;
        expect(inkOn(segmentColor(id, dark)) === "#000" ? light / 0.05 : 1.05 / light).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it("have letters as spreadsheets name columns", () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(segmentLetter)).toEqual(["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
  });
});

describe("ticks", () => {
  it("are round and within the ends", () => {
    expect(ticks(0, 1, 4)).toEqual([0, 0.5, 1]);
    expect(ticks(0.11, 0.22, 4)).toEqual([0.15, 0.2]);
    expect(ticks(3, 3, 4)).toEqual([3]);
    expect(ticks(Number.NaN, 1, 4)).toEqual([]);
  });
});
