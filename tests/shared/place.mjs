/** Where things lie: the repository, the built programs, the browser, the real data. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** A program that `cargo build --workspace --features custom-protocol` made. */
export function program(name) {
  const path = join(resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target"), "debug", name);
  if (!existsSync(path)) throw new Error(`${path} is not built: cargo build --workspace --features custom-protocol`);
  return path;
}

/** The browser: `CHROMIUM`, or the first that the system has. */
export function chromium() {
  const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];
  const path = process.env.CHROMIUM ?? known.find((one) => existsSync(one));
  if (path === undefined) throw new Error("no Chromium found: install one or name it in CHROMIUM");
  return path;
}

/** What makes WebGL work without a graphics card, and Chromium run as root. */
export const CHROMIUM_FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--force-color-profile=srgb"];

/** The shop reviews as a Brazilian spreadsheet saves them; null where the real data is not at hand. */
export function olist() {
  const path = resolve(ROOT, "../shared/data/olist/olist_comentarios_bom_pontoevirgula.csv");
  return existsSync(path) ? path : null;
}
