/** When to draw what: everything at rest, and while moving only as much as keeps up. */
import type { Rgb } from "../../../shared/colors";
import { type Box, type Camera, fit, type Size } from "./camera";
import { drawnColors, drawnPositions, type Points, pointSize } from "./points";
import { makeRenderer, type Renderer } from "./renderer";

const LEAST_MOVING = 10_000;
/** Milliseconds without a move after which the whole map is drawn. */
const REST = 140;

export class Painter {
  private renderer: Renderer;
  private moving = 50_000;
  private asked = false;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private lastFrame = 0;
  private colors: Uint8Array = new Uint8Array();
  private frame: { camera: Camera; size: Size } | null = null;
  private ground: Rgb = [255, 255, 255];

  constructor(
    private readonly place: HTMLElement,
    private readonly points: Points,
    private readonly box: Box,
    private readonly told: (kind: Renderer["kind"]) => void,
  ) {
    this.renderer = this.begin();
  }

  /** Colours points by segment; those outside `bits` fade. */
  color(bits: Uint8Array | null, dark: boolean): void {
    this.colors = drawnColors(this.points, bits, dark);
    this.ground = dark ? [0x14, 0x18, 0x1d] : [255, 255, 255];
    this.renderer.setColors(this.colors);
    this.ask(true);
  }

  /** Draws from a camera: a part of the points now, all of them at rest. */
  look(camera: Camera, size: Size): void {
    this.frame = { camera, size };
    const whole = this.points.count <= this.moving;
    this.ask(whole);
    clearTimeout(this.rest);
    if (!whole) this.rest = setTimeout(() => this.ask(true), REST);
  }

  /** Draws at once, so that a new size is never seen stretched. */
  resize(camera: Camera, size: Size): void {
    this.look(camera, size);
    this.paint(performance.now());
  }

  close(): void {
    clearTimeout(this.rest);
    this.asked = true;
    this.renderer.close();
  }

  private begin(): Renderer {
    const renderer = makeRenderer(() => {
      // The graphics driver took WebGL away: go on without it.
      this.renderer.canvas.remove();
      this.renderer = this.begin();
      this.renderer.setColors(this.colors);
      this.ask(true);
    });
    renderer.setPositions(drawnPositions(this.points));
    this.place.prepend(renderer.canvas);
    this.told(renderer.kind);
    return renderer;
  }

  private whole = false;

  private ask(whole: boolean): void {
    this.whole = whole;
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame((now) => {
      this.asked = false;
      this.paint(now);
    });
  }

  private paint(now: number): void {
    if (this.frame === null || this.frame.size.width < 1 || this.colors.length === 0) return;
    if (!this.whole) this.adapt(now - this.lastFrame);
    this.lastFrame = now;
    const { camera, size } = this.frame;
    const count = this.whole ? this.points.count : Math.min(this.points.count, this.moving);
    const zoom = camera.scale / fit(this.box, size).scale;
    this.renderer.draw({ camera, size, ratio: window.devicePixelRatio || 1, pointSize: pointSize(this.points.count, zoom), count, ground: this.ground });
  }

  /** Fewer points when frames come late, more when there is time to spare. Pauses say nothing. */
  private adapt(elapsed: number): void {
    if (elapsed > 1000) return;
    if (elapsed > 40) this.moving = Math.max(LEAST_MOVING, this.moving / 2);
    else if (elapsed < 20) this.moving = Math.min(this.points.count, this.moving * 1.3);
    this.moving = Math.round(this.moving);
  }
}
