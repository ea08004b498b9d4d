/** Points on a plain canvas, written pixel by pixel: the way without WebGL. */
import type { Rgb } from "../../../shared/colors";
import { FADED } from "./points";
import { fitCanvas, type Frame, type Renderer } from "./renderer";

/** Offsets of the pixels of a disc, as steps in a picture of a given width. */
function disc(diameter: number, width: number): Int32Array {
  const whole = Math.max(1, Math.round(diameter));
  const steps: number[] = [];
  for (let y = 0; y < whole; y += 1) {
    for (let x = 0; x < whole; x += 1) {
      const off = Math.hypot(x - (whole - 1) / 2, y - (whole - 1) / 2);
      if (whole < 3 || off <= whole / 2) steps.push((y - (whole >> 1)) * width + x - (whole >> 1));
    }
  }
  return Int32Array.from(steps);
}

/** A colour laid on the ground with its alpha, as one little-endian pixel. */
function pixel(colors: Uint8Array, i: number, ground: Rgb): number {
  const alpha = colors[4 * i + 3] < FADED ? 1 : colors[4 * i + 3] / 255;
  const part = (channel: 0 | 1 | 2) => Math.round(ground[channel] + (colors[4 * i + channel] - ground[channel]) * alpha);
  return (0xff000000 | (part(2) << 16) | (part(1) << 8) | part(0)) >>> 0;
}

/** A renderer that needs nothing but a canvas. */
export function canvasRenderer(): Renderer {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  let positions = new Float32Array();
  let colors = new Uint8Array();

  function draw(frame: Frame) {
    if (context === null) return;
    fitCanvas(canvas, frame);
    const { width, height } = canvas;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const steps = disc(frame.pointSize * frame.ratio, width);
    const margin = Math.ceil(frame.pointSize * frame.ratio);
    const scale = frame.camera.scale * frame.ratio;
    // Faded points first, so that they never cover the others.
    for (const faded of [true, false]) {
      for (let i = 0; i < frame.count; i += 1) {
        if (colors[4 * i + 3] < FADED !== faded) continue;
        const x = Math.round((positions[2 * i] - frame.camera.x) * scale + width / 2);
        const y = Math.round(height / 2 - (positions[2 * i + 1] - frame.camera.y) * scale);
        if (x < margin || y < margin || x >= width - margin || y >= height - margin) continue;
        const ink = pixel(colors, i, frame.ground);
        const at = y * width + x;
        for (const step of steps) pixels[at + step] = ink;
      }
    }
    context.putImageData(image, 0, 0);
  }

  return {
    kind: "canvas",
    canvas,
    setPositions: (data) => void (positions = data as Float32Array<ArrayBuffer>),
    setColors: (data) => void (colors = data as Uint8Array<ArrayBuffer>),
    draw,
    close: () => canvas.remove(),
  };
}
