/**
 * Pictures of every main screen, light and dark, small and large, in both languages:
 * `npm run shots -- FOLDER` writes FOLDER/1280x800-light-pt-BR-data.png and so on.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium as browserType } from "@playwright/test";
import { CHROMIUM_FLAGS, chromium } from "./shared/place.mjs";
import { Server } from "./shared/serve.mjs";
import { tour } from "./shared/tour.mjs";

const [given] = process.argv.slice(2);
if (given === undefined) {
  console.error("usage: npm run shots -- FOLDER");
  process.exit(2);
}
// npm runs scripts in this folder; the path is meant from where the person stands.
const out = resolve(process.env.INIT_CWD ?? ".", given);
mkdirSync(out, { recursive: true });
const browser = await browserType.launch({ executablePath: chromium(), args: CHROMIUM_FLAGS });
try {
  for (const [width, height] of [[1280, 800], [1920, 1080]]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const locale of ["pt-BR", "en"]) {
        const server = await new Server().start();
        const page = await browser.newPage({ viewport: { width, height }, colorScheme, locale, timezoneId: "America/Sao_Paulo" });
        const kind = `${width}x${height}-${colorScheme}-${locale}`;
        try {
          await page.goto(server.link);
          await tour(page, (name) => page.screenshot({ path: join(out, `${kind}-${name}.png`) }));
        } finally {
          await page.close();
          await server.close();
        }
        console.log(`${kind}: done`);
      }
    }
  }
} finally {
  await browser.close();
}
