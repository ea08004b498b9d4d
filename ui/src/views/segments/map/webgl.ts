/**
 * Points by WebGL 1: one buffer of positions, one of colours, one draw call. Own code, because the
 * libraries at hand compile their shader bindings with `Function`, which a strict content policy
 * forbids.
 */
import { fitCanvas, type Frame, type Renderer } from "./renderer";

const VERTEX = `
attribute vec2 place;
attribute vec4 color;
uniform vec2 middle;
uniform vec2 factor;
// The same precision as in the other shader: a uniform that both name must agree.
uniform mediump float size;
varying vec4 ink;
void main() {
  ink = color;
  // Faded points lie deeper, so that they never cover the others.
  gl_Position = vec4((place - middle) * factor, color.a < 0.5 ? 0.5 : 0.0, 1.0);
  gl_PointSize = size;
}`;

const FRAGMENT = `
precision mediump float;
uniform mediump float size;
varying vec4 ink;
void main() {
  float off = length(gl_PointCoord - 0.5) * size;
  // Below one half, alpha only marks the faded.
  float alpha = (ink.a < 0.5 ? 1.0 : ink.a) * clamp(size * 0.5 - off + 0.5, 0.0, 1.0);
  if (alpha < 0.02) discard;
  // A darker rim sets pale points off from a pale ground.
  float tone = ink.a > 0.5 && size > 4.0 && off > size * 0.5 - 1.2 ? 0.76 : 1.0;
  gl_FragColor = vec4(ink.rgb * alpha * tone, alpha);
}`;

function compile(gl: WebGLRenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  if (program === null) return null;
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind);
    if (shader === null) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS)) return program;
  // A driver that refuses the shaders is worth knowing of: the map goes on without WebGL.
  console.error("WebGL:", gl.getProgramInfoLog(program));
  return null;
}

/** A renderer on WebGL, or null where there is none that works. */
export function webglRenderer(lost: () => void): Renderer | null {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl", { antialias: false, depth: true, premultipliedAlpha: true });
  const program = gl && compile(gl);
  if (!gl || !program) return null;

  const onLost = (event: Event) => {
    event.preventDefault();
    lost();
  };
  canvas.addEventListener("webglcontextlost", onLost);

  const [positions, colors] = [gl.createBuffer(), gl.createBuffer()];
  const place = gl.getAttribLocation(program, "place");
  const color = gl.getAttribLocation(program, "color");
  const uniform = (name: string) => gl.getUniformLocation(program, name);
  const [middle, factor, size] = [uniform("middle"), uniform("factor"), uniform("size")];

  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  gl.enable(gl.DEPTH_TEST);
  gl.depthFunc(gl.LEQUAL);
  gl.enableVertexAttribArray(place);
  gl.enableVertexAttribArray(color);

  return {
    kind: "webgl",
    canvas,
    setPositions(data) {
      gl.bindBuffer(gl.ARRAY_BUFFER, positions);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
      gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, 0);
    },
    setColors(data) {
      gl.bindBuffer(gl.ARRAY_BUFFER, colors);
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
      gl.vertexAttribPointer(color, 4, gl.UNSIGNED_BYTE, true, 0, 0);
    },
    draw(frame: Frame) {
      fitCanvas(canvas, frame);
      const { camera, size: area, ratio } = frame;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      gl.uniform2f(middle, camera.x, camera.y);
      gl.uniform2f(factor, (2 * camera.scale) / area.width, (2 * camera.scale) / area.height);
      gl.uniform1f(size, frame.pointSize * ratio);
      gl.drawArrays(gl.POINTS, 0, frame.count);
    },
    close() {
      canvas.removeEventListener("webglcontextlost", onLost);
      gl.getExtension("WEBGL_lose_context")?.loseContext();
      canvas.remove();
    },
  };
}
