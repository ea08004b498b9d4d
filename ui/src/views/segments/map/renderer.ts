/** Draws points. Two ways: WebGL, and a plain canvas where WebGL is missing or was lost. */
import type { Rgb } from "../../../shared/colors";
import type { Camera, Size } from "./camera";
import { canvasRenderer } from "./canvas2d";
import { webglRenderer } from "./webgl";

export interface Frame {
  camera: Camera;
  size: Size;
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** CSS pixels across a point. */
  pointSize: number;
  /** Points to draw, from the beginning of the drawing order. */
  count: number;
  /** Colour of the map's ground. */
  ground: Rgb;
}

export interface Renderer {
  readonly kind: "webgl" | "canvas";
  readonly canvas: HTMLCanvasElement;
  /** x and y in drawing order. */
  setPositions(positions: Float32Array): void;
  /** Red, green, blue, alpha in drawing order. */
  setColors(colors: Uint8Array): void;
  draw(frame: Frame): void;
  close(): void;
}

/** WebGL if the host has it. `lost` is called when it goes away later. */
export function makeRenderer(lost: () => void): Renderer {
  return webglRenderer(lost) ?? canvasRenderer();
}

/** Gives the canvas as many pixels as the screen has under it. */
export function fitCanvas(canvas: HTMLCanvasElement, { size, ratio }: Frame): void {
  const [width, height] = [Math.max(1, Math.round(size.width * ratio)), Math.max(1, Math.round(size.height * ratio))];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
