/** The map: laid out, lassoed, isolated, searched, drawn without WebGL, exported. */
import { PNG } from "pngjs";
import { colors } from "../shared/picture.mjs";
import { countOf, download, expect, rowCount, segmentSample, segments, settled, test } from "./mirante.mjs";

/** Draws a closed path by mouse; its corners are parts of the map's width and height. */
async function lasso(page, corners) {
  // The bar over the map that an earlier choice brought moved it: see all of it again.
  await page.getByTestId("map-fit").click();
  const box = await page.getByTestId("map").boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await page.getByTestId("map-lasso").click();
  await page.mouse.move(...at(corners[0]));
  await page.mouse.down();
  for (const corner of [...corners.slice(1), corners[0]]) await page.mouse.move(...at(corner), { steps: 8 });
  await page.mouse.up();
}

// Paths begin where no button lies: the map's own tools are in its upper right corner.
const AROUND = [[0.5, 0.002], [0.002, 0.002], [0.002, 0.998], [0.998, 0.998], [0.998, 0.002]];
const LEFT = [[0.5, 0.002], [0.002, 0.002], [0.002, 0.998], [0.5, 0.998]];
const RIGHT = [[0.5, 0.002], [0.998, 0.002], [0.998, 0.998], [0.5, 0.998]];

test("rows are lassoed on the map; bar, grid and export hold as many", async ({ app }) => {
  await segmentSample(app);
  const map = app.getByTestId("map");
  await expect(map).toHaveAttribute("data-renderer", "webgl");
  expect(colors(await map.screenshot())).toBeGreaterThan(40);
  const count = app.getByTestId("selection-count");

  await test.step("everything", async () => {
    await lasso(app, AROUND);
    await expect(count).toHaveText("600 linhas selecionadas");
  });

  let left = 0;
  await test.step("a half and the other make the whole", async () => {
    await lasso(app, LEFT);
    await expect(count).not.toHaveText("600 linhas selecionadas");
    left = await countOf(count);
    expect(left).toBeGreaterThan(0);
    await lasso(app, RIGHT);
    await expect(count).toHaveText(`${600 - left} linhas selecionadas`);
    await lasso(app, LEFT);
    await expect(count).toHaveText(`${left} linhas selecionadas`);
    await expect(app.getByTestId("selection-bar")).toContainText("laço no mapa");
    await expect(app.getByTestId("map-note")).toContainText(`${left} de 600 linhas em destaque`);
  });

  await test.step("the table in the map's place holds as many, and so does the data view", async () => {
    await app.getByTestId("pane-table").click();
    await expect.poll(() => rowCount(app.getByTestId("grid"))).toBe(left);
    await app.getByTestId("rail-data").click();
    await expect(app.getByTestId("row-total")).toHaveText(`${left} de 600 linhas`);
  });

  await test.step("clear", async () => {
    await app.getByTestId("selection-clear").click();
    await expect(app.getByTestId("selection-bar")).toBeHidden();
    await expect(app.getByTestId("row-total")).toHaveText("600 linhas");
  });
});

test("the legend isolates a segment, the search lights rows up, and a point tells its text", async ({ app }) => {
  await segmentSample(app);
  const map = app.getByTestId("map");
  await expect(map).toBeVisible();
  const [first] = await segments(app);
  await app.getByTestId("map-legend").getByRole("button").first().click();
  await expect(app.getByTestId("map-note")).toContainText(`${first.count} de 600`);
  await app.getByTestId("map-legend").getByRole("button").first().click();
  await expect(app.getByTestId("map-note")).toHaveText("600 linhas");

  await app.getByTestId("search-box").fill("cliente");
  await expect(app.getByTestId("map-note")).toContainText("de 600 linhas em destaque");
  await app.getByTestId("search-box").press("Escape");
  await expect(app.getByTestId("map-note")).toHaveText("600 linhas");

  // Somewhere on a grid of places the pointer meets a point.
  const box = await map.boundingBox();
  const tip = app.getByRole("tooltip");
  for (let i = 0; i < 400 && !(await tip.isVisible()); i += 1) {
    await app.mouse.move(box.x + box.width * (0.2 + 0.03 * (i % 20)), box.y + box.height * (0.2 + 0.03 * Math.floor(i / 20)));
    await settled(app);
  }
  await expect(tip.locator(".text")).toHaveText(/\S{3,}/);
});

test("a map that is slow to come is asked for once", async ({ app }) => {
  let asked = 0;
  await app.route("**/api/map_points", async (route) => {
    asked += 1;
    // As a million points are; what reads the run again meanwhile does not ask anew.
    await new Promise((later) => setTimeout(later, 1500));
    await route.continue();
  });
  await segmentSample(app);
  await expect(app.getByTestId("map-note")).toHaveText("600 linhas");
  expect(asked).toBe(1);
});

test("a map that is done while it is exported moves nothing under the pointer", async ({ app }) => {
  await app.route("**/api/lay_out_map*", async (route) => {
    await new Promise((later) => setTimeout(later, 3000));
    await route.continue();
  });
  await segmentSample(app);
  await app.getByTestId("export-button").click();
  const dialog = app.getByTestId("export-dialog");
  await expect(app.getByTestId("export-map")).toBeDisabled();
  const before = await dialog.boundingBox();
  await expect(app.getByTestId("export-map")).toBeEnabled({ timeout: 30_000 });
  expect(await dialog.boundingBox()).toEqual(before);
});

test("two fingers and a trackpad's pinch zoom the map, and choose nothing", async ({ browser, server }) => {
  const context = await browser.newContext({ hasTouch: true, locale: "pt-BR", viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(server.link);
  await segmentSample(page);
  const map = page.getByTestId("map");
  const letters = map.locator(".letter");
  await expect(letters.first()).toBeVisible();
  await settled(page);
  const box = await map.boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  /** How far apart the letters lie: what grows as the map comes nearer. */
  const width = () => letters.evaluateAll((all) => Math.max(...all.map((one) => one.getBoundingClientRect().x)) - Math.min(...all.map((one) => one.getBoundingClientRect().x)));
  const before = await width();

  await test.step("two fingers, together", async () => {
    const session = await context.newCDPSession(page);
    const fingers = (type, apart) => session.send("Input.dispatchTouchEvent", { type, touchPoints: apart === null ? [] : [{ x: x - apart, y, id: 0 }, { x: x + apart, y, id: 1 }] });
    const pinch = async (from, to) => {
      await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: x - from, y, id: 0 }] });
      await fingers("touchStart", from);
      for (let i = 1; i <= 10; i += 1) await fingers("touchMove", from + ((to - from) * i) / 10);
      await fingers("touchEnd", null);
      await settled(page);
    };
    await pinch(200, 100);
    expect((await width()) / before).toBeCloseTo(0.5, 1);
    await pinch(100, 200);
    expect((await width()) / before).toBeCloseTo(1, 1);
  });

  await test.step("a trackpad's pinch comes as a wheel with Ctrl", async () => {
    await page.mouse.move(x, y);
    await page.keyboard.down("Control");
    for (let i = 0; i < 5; i += 1) await page.mouse.wheel(0, 8);
    await page.keyboard.up("Control");
    await expect.poll(async () => (await width()) / before).toBeCloseTo(Math.exp(-0.4), 1);
    // The page itself is not zoomed.
    expect(await page.evaluate(() => window.visualViewport.scale)).toBe(1);
  });

  await expect(page.getByTestId("selection-bar")).toBeHidden();
  await context.close();
});

test("without WebGL the map is drawn all the same", async ({ page, server }) => {
  await page.addInitScript(() => {
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return /^(experimental-)?webgl/.test(kind) ? null : real.call(this, kind, ...rest);
    };
  });
  await page.goto(server.link);
  await segmentSample(page);
  const map = page.getByTestId("map");
  await expect(map).toHaveAttribute("data-renderer", "canvas");
  await expect(page.getByTestId("map-note")).toContainText("sem WebGL");
  expect(colors(await map.screenshot())).toBeGreaterThan(40);
  await lasso(page, AROUND);
  await expect(page.getByTestId("selection-count")).toHaveText("600 linhas selecionadas");
});

test("the map and the sizes are exported as pictures", async ({ app }) => {
  await segmentSample(app);
  await expect(app.getByTestId("map")).toBeVisible();
  await app.getByTestId("export-button").click();
  await app.getByTestId("export-map").check();
  const svg = await download(app);
  expect(svg.name).toBe("dores_solucoes-mapa.svg");
  // A point for each row at the least.
  expect(svg.bytes.toString("utf8").match(/<(circle|path|rect|use|polygon)/g).length).toBeGreaterThan(600);
  await app.getByTestId("export-button").click();
  await app.getByTestId("export-sizes").check();
  await app.getByLabel("PNG").check();
  const png = await download(app);
  expect(png.name).toBe("dores_solucoes-tamanhos.png");
  expect(PNG.sync.read(png.bytes).width).toBe(1600);
  expect(colors(png.bytes)).toBeGreaterThan(8);
});
