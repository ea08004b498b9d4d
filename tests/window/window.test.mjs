/** Journeys through the real window. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { By, Key } from "selenium-webdriver";
import { records } from "../shared/csv.mjs";
import { colors } from "../shared/picture.mjs";
import { brazilian, complaints, folder, save } from "../shared/tables.mjs";
import { Desk, Display } from "./session.mjs";

const ROWS = complaints(240);
const display = new Display();
let desk;

before(() => display.start());
after(() => display.close());
beforeEach(() => (desk = new Desk(display)));
afterEach(() => desk.forget());

test("it opens, and the page comes from the program itself", async () => {
  await desk.open();
  await desk.find("drop-zone");
  const page = await desk.driver.executeScript("return { scheme: location.protocol, host: location.host, title: document.title, lang: document.documentElement.lang }");
  assert.equal(page.title, "Mirante");
  assert.match(page.scheme + page.host, /tauri/);
  assert.equal(page.lang, "en");
  assert.ok(colors(await desk.picture()) > 20, "the picture is blank");
});

test("a table named on the command line is previewed, segmented, mapped and drawn", async () => {
  await desk.open(save("Reclamações de agosto.csv", brazilian(ROWS)));
  await desk.reads("import-facts", /240 rows · 5 columns/);
  await desk.click("import-segment");
  await desk.counts("segment-item", 8);
  const sizes = await desk.driver.executeScript("return [...document.querySelectorAll('[data-testid=segment-item] .top > .tabular:not(.share)')].map((one) => Number(one.textContent))");
  assert.equal(sizes.reduce((sum, one) => sum + one, 0), 240);
  await desk.find("map");
  await desk.reads("map-note", /240 rows/);
  const map = await desk.find("map");
  assert.match(await map.getAttribute("data-renderer"), /webgl|canvas/);
  await desk.driver.wait(async () => colors(Buffer.from(await map.takeScreenshot(), "base64")) > 30, 60_000, "the map is blank");
  assert.ok(colors(await desk.picture()) > 60, "the picture is blank");
});

test("a file dropped on the window by the system's own drag is previewed", async () => {
  await desk.open();
  await desk.find("drop-zone");
  const path = save("São João & cia – pedidos (março).csv", brazilian(ROWS), folder());
  await desk.dropNatively(path);
  await desk.reads("import-facts", /240 rows · 5 columns/);
  assert.match(await desk.reads("import-panel", /pedidos/), /São João & cia – pedidos \(março\)\.csv/);
  await desk.click("import-only");
  await desk.reads("row-total", /240 rows/);
});

test("what was opened is among the recent tables after closing and opening again", async () => {
  await desk.open(save("Agosto.csv", brazilian(ROWS)));
  await desk.click("import-segment");
  await desk.counts("segment-item", 8);
  const item = await desk.find("segment-item");
  await item.sendKeys(Key.F2);
  await (await desk.find("segment-name-input")).sendKeys("Entregas", Key.ENTER);
  await desk.reads("segment-name", /Entregas/);
  await desk.close();

  await desk.open();
  await desk.reads("recent-dataset", /Agosto/);
  await desk.click("recent-dataset");
  await desk.reads("row-total", /240 rows/);
  await desk.click("rail-segments");
  await desk.counts("segment-item", 8);
  await desk.reads("segment-name", /Entregas/);
});

test("an export and the row issues go where the system's own dialog is told", async () => {
  const lines = brazilian(ROWS).toString("latin1").split("\r\n");
  lines[5] += ";a mais";
  await desk.open(save("Agosto.csv", Buffer.from(lines.join("\r\n"), "latin1")));
  await desk.click("import-segment");
  await desk.counts("segment-item", 8);
  const at = (name) => join(desk.home, name);
  const written = (name) => desk.driver.wait(async () => existsSync(at(name)) && readFileSync(at(name), "utf8"), 60_000, `${name} is not written`);

  await desk.click("export-button");
  await desk.click("export-xlsx");
  await desk.click("export-go");
  await desk.saveAs(null);
  // Left: the export is still there to be made otherwise.
  assert.equal((await desk.all("export-go")).length, 1);

  await desk.click("export-json");
  await desk.click("export-go");
  await desk.saveAs(at("by segment.json"));
  const rows = JSON.parse(await written("by segment.json"));
  assert.deepEqual(rows.map((row) => row.protocolo), ROWS.map(([id]) => id));
  assert.equal(new Set(rows.map((row) => row.segmento)).size, 8);

  await desk.click("issues-button");
  await desk.click("issues-save");
  await desk.saveAs(at("bad rows.csv"));
  assert.deepEqual(records((await written("bad rows.csv")).replace(/^\uFEFF/, ""), ";"), [
    ["line", "column", "kind", "text"],
    ["6", "", "too_many_fields", "a mais"],
  ]);
  assert.deepEqual(await desk.all("toast-error"), []);
});

test("a job that ends while the person is elsewhere is told by the desktop, and only then", async () => {
  await desk.open(save("Agosto.csv", brazilian(ROWS)));
  await desk.attend(true);
  await desk.click("import-only");
  await desk.reads("row-total", /240 rows/);
  await desk.attend(false);
  await desk.click("segment-button");
  await desk.driver.wait(() => desk.notices().length > 0, 60_000, "no notice");
  // The import's would have come before it.
  assert.deepEqual(desk.notices()[0], ["Segmentation", "done"]);
});

/** Looks for the best number of segments among many, which takes the longer the more there are. */
async function longJob(most) {
  await desk.click("rail-segments");
  await desk.click("suggest-open");
  const field = await desk.driver.findElement(By.css("[data-testid=suggest-k] input:nth-of-type(2)"));
  await field.clear();
  await field.sendKeys(String(most));
  await desk.click("suggest-run");
  await desk.reads("job-progress", /%/);
}

test("closed in the middle of a job it goes on in the tray, comes back, and ends with the job", { timeout: 600_000 }, async () => {
  const path = save("Dez mil.csv", brazilian(complaints(10_000, 3)));
  const other = save("Outra.csv", brazilian(ROWS));
  await desk.open(path);
  await desk.click("import-only");
  await desk.reads("row-total", /10,000 rows/, 180_000);
  const program = desk.process();
  const until = (what, seen) => desk.driver.wait(seen, 60_000, what);
  // Longer than all that is looked at meanwhile.
  await longJob(200);
  assert.equal(desk.tray(), null);

  await desk.closeWindow();
  await desk.shows(false);
  await until("no icon in the tray", () => desk.tray()?.some(([text]) => /^Suggestion of k · \d+%/.test(text)));
  assert.deepEqual(desk.tray().slice(1), [["Open Mirante", true], ["Stop the work and quit", true]]);
  assert.equal(desk.tray()[0][1], false);
  await until("no notice that it goes on", () => desk.notices().some(([title]) => title === "Mirante goes on working"));

  desk.pressTray("Open Mirante");
  await desk.shows(true);
  await until("the icon stays", () => desk.tray() === null);
  await desk.reads("job-progress", /%/);

  // What is started again is the one that runs.
  await desk.closeWindow();
  await desk.shows(false);
  assert.equal(await desk.startAgain(other), 0);
  await desk.shows(true);
  await desk.reads("import-facts", /240 rows/);
  assert.equal(program.runs(), true);

  // With another job, which is at work when the window closes and ends soon after.
  await desk.driver.actions().sendKeys(Key.ESCAPE).perform();
  await desk.click("job-cancel");
  await desk.counts("job-progress", 0);
  await desk.reads("row-total", /10,000 rows/);
  await longJob(40);
  await desk.closeWindow();
  await desk.shows(false);
  const late = Date.now() + 300_000;
  while (program.runs() && Date.now() < late) await sleep(100);
  assert.equal(program.runs(), false, "the program does not end with its last job");
  assert.deepEqual(desk.notices().at(-1), ["Suggestion of k", "done"]);
  await desk.close();

  await desk.open();
  await desk.click("tray-toggle");
  await desk.reads("job-history", /Suggestion of k[^]*done/);
  assert.doesNotMatch(await desk.reads("job-history", /Suggestion of k/), /interrupted/);
});

test("without work it ends with its window; in the middle of it quitting asks once", { timeout: 600_000 }, async () => {
  const path = save("Dez mil.csv", brazilian(complaints(10_000, 3)));
  const ends = async (program) => {
    for (const late = Date.now() + 20_000; program.runs() && Date.now() < late; ) await sleep(50);
    assert.equal(program.runs(), false, "the program does not end");
    await desk.close();
  };
  // What ends the program leaves the driver without an answer.
  const gone = () => {};
  const quit = () => desk.driver.actions().keyDown(Key.CONTROL).sendKeys("q").keyUp(Key.CONTROL).perform();
  await desk.open(path);
  await desk.click("import-only");
  await desk.reads("row-total", /10,000 rows/, 180_000);
  let program = desk.process();
  await desk.closeWindow();
  await ends(program);

  await desk.open();
  await desk.click("recent-dataset");
  await longJob(60);
  program = desk.process();
  await quit();
  await desk.reads("confirm-quit", /Suggestion of k/);
  // Enter stays: what destroys is never the default.
  await desk.driver.actions().sendKeys(Key.ENTER).perform();
  await desk.counts("confirm-quit", 0);
  assert.equal(program.runs(), true);
  await quit();
  await desk.find("confirm-quit-yes");
  await desk.click("confirm-quit-yes").catch(gone);
  await ends(program);

  await desk.open();
  await desk.click("tray-toggle");
  await desk.reads("job-history", /interrupted/);
  await desk.click("tray-toggle");
  await desk.click("recent-dataset");
  await longJob(60);
  program = desk.process();
  await desk.closeWindow();
  await desk.driver.wait(() => desk.tray() !== null, 60_000, "no icon in the tray");
  desk.pressTray("Stop the work and quit");
  await ends(program);

  await desk.open();
  await desk.driver.wait(async () => (await desk.all("recent-dataset")).length > 0, 60_000);
  program = desk.process();
  await quit().catch(gone);
  await ends(program);
});

test("killed in the middle of a job, it says so next time, and the table is whole", { timeout: 600_000 }, async () => {
  const bytes = brazilian(complaints(40_000, 5));
  const path = save("Quarenta mil.csv", bytes);
  await desk.open(path);
  await desk.click("import-only");
  await desk.reads("row-total", /40,000 rows/, 180_000);
  await longJob(60);
  await desk.crash();

  await desk.open();
  await desk.click("tray-toggle");
  await desk.reads("job-history", /interrupted/);
  await desk.click("tray-toggle");
  await desk.click("recent-dataset");
  await desk.reads("row-total", /40,000 rows/);
  await (await desk.find("grid")).sendKeys(Key.chord(Key.CONTROL, Key.END));
  await desk.reads("grid", /P-040000/);
  assert.deepEqual(readFileSync(path), bytes);
});
