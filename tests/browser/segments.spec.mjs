/** Naming segments, taking it back, and carrying them out of the house. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { records } from "../shared/csv.mjs";
import { ROOT } from "../shared/place.mjs";
import { ask, download, drop, expect, segmentSample, segments, settled, test } from "./mirante.mjs";
import { save } from "../shared/tables.mjs";

const SAMPLE = readFileSync(join(ROOT, "datasets/dores_solucoes.csv"));
const GIVEN = "Cobrança & crédito; “à vista”";

async function rename(page, place, name) {
  await page.getByTestId("segment-item").nth(place).focus();
  await page.keyboard.press("F2");
  await page.getByTestId("segment-name-input").fill(name);
  await page.keyboard.press("Enter");
}

test("the sample is segmented, a segment named, the name undone and given again, and exported", async ({ app }) => {
  await segmentSample(app);
  const name = app.getByTestId("segment-name");
  const before = await segments(app);
  expect(before.reduce((sum, one) => sum + one.count, 0)).toBe(600);

  await test.step("rename, undo, rename", async () => {
    await rename(app, 2, GIVEN);
    await expect(name.nth(2)).toHaveText(GIVEN);
    // Looked for before it is said: it goes away by itself.
    const told = app.getByTestId("toast").filter({ hasText: "desfeito" }).waitFor();
    await app.keyboard.press("Control+z");
    await told;
    await expect(name.nth(2)).toHaveText(before[2].name);
    await rename(app, 2, GIVEN);
    await expect(name.nth(2)).toHaveText(GIVEN);
  });

  await test.step("CSV with names: every record as it was, its segment after it", async () => {
    await app.keyboard.press("Control+e");
    await expect(app.getByTestId("export-names")).toBeChecked();
    const { name: file, bytes } = await download(app);
    expect(file).toMatch(/\.csv$/);
    const [head, ...rows] = records(bytes.toString("utf8"));
    const [sampleHead, ...sampleRows] = records(SAMPLE.toString("utf8"));
    expect(head).toEqual([...sampleHead, "segmento"]);
    expect(rows.map((row) => row.slice(0, -1))).toEqual(sampleRows);
    expect(rows.filter((row) => row.at(-1) === GIVEN)).toHaveLength(before[2].count);
    expect(new Set(rows.map((row) => row.at(-1))).size).toBe(8);
  });

  await test.step("CSV with numbers", async () => {
    await app.getByTestId("export-button").click();
    await app.getByTestId("export-names").uncheck();
    await app.getByTestId("export-label").fill("grupo");
    // A choice of text that ends beside the dialog does not close it.
    const { x, y, height } = await app.getByTestId("export-label").boundingBox();
    await app.mouse.move(x + 40, y + height / 2);
    await app.mouse.down();
    await app.mouse.move(4, 4, { steps: 4 });
    await app.mouse.up();
    await expect(app.getByTestId("export-label")).toHaveValue("grupo");
    const [head, ...rows] = records((await download(app)).bytes.toString("utf8"));
    expect(head.at(-1)).toBe("grupo");
    for (const { id, count } of before) expect(rows.filter((row) => row.at(-1) === String(id))).toHaveLength(count);
  });

  await test.step("XLSX, which Mirante reads back", async () => {
    await app.getByTestId("export-button").click();
    await app.getByTestId("export-xlsx").check();
    const { name: file, bytes } = await download(app);
    expect(file).toMatch(/\.xlsx$/);
    await drop(app, save(file, bytes));
    await expect(app.getByTestId("import-facts")).toContainText("600 linhas · 9 colunas");
    await expect(app.getByTestId("import-facts")).toContainText("XLSX");
  });
});

test("a name half typed stays when the table is read again underneath", async ({ app }) => {
  await segmentSample(app);
  await expect(app.getByTestId("map")).toBeVisible();
  await app.getByTestId("segment-item").nth(2).focus();
  await app.keyboard.press("F2");
  await app.getByTestId("segment-name-input").fill(GIVEN);
  const readAgain = app.waitForResponse("**/api/runs");
  await ask(app, "lay_out_map", { run: 1 });
  await readAgain;
  await settled(app);
  await expect(app.getByTestId("segment-name-input")).toHaveValue(GIVEN);
  await app.keyboard.press("Enter");
  await expect(app.getByTestId("segment-name").nth(2)).toHaveText(GIVEN);
});

test("one segment at a time: the list, the grid and the export show the same rows", async ({ app }) => {
  await segmentSample(app);
  const list = await segments(app);
  const chosen = list.toSorted((a, b) => a.count - b.count)[0];
  await app.locator(`[data-testid=segment-item][data-segment="${chosen.id}"] .terms`).click();
  await expect(app.getByTestId("selection-count")).toHaveText(`${chosen.count} linhas selecionadas`);
  await app.getByTestId("pane-table").click();
  await expect(app.getByTestId("grid")).toHaveAttribute("aria-rowcount", String(chosen.count + 1));
  await app.getByTestId("selection-export").click();
  const { bytes } = await download(app);
  expect(records(bytes.toString("utf8"))).toHaveLength(chosen.count + 1);
  await app.keyboard.press("Escape");
  await expect(app.getByTestId("grid")).toHaveAttribute("aria-rowcount", "601");
});

test("settings make another run, and undo brings the one before back", async ({ app }) => {
  await segmentSample(app);
  const before = await segments(app);
  await app.getByTestId("clusters").fill("5");
  await app.keyboard.press("Control+Enter");
  await expect(app.getByTestId("segment-item")).toHaveCount(5);
  await app.getByTestId("segment-item").first().focus();
  await app.keyboard.press("Control+z");
  await expect(app.getByTestId("segment-item")).toHaveCount(8);
  expect(await segments(app)).toEqual(before);
  await app.getByTestId("run-select").selectOption({ label: (await app.getByTestId("run-select").locator("option").allInnerTexts()).find((text) => text.startsWith("5 ")) });
  await expect(app.getByTestId("segment-item")).toHaveCount(5);
});

test("suggest k measures each number, says which and why, and segments with it", async ({ app }) => {
  await segmentSample(app);
  await app.getByTestId("suggest-open").click();
  await app.getByLabel("Maior número de segmentos").fill("9");
  await app.getByTestId("suggest-run").click();
  const advice = app.getByTestId("suggest-advice");
  await expect(advice).toContainText(/Recomendado: [2-9] segmentos/);
  // The reason is a sentence of the screen, not the code it travels as.
  await expect(advice.locator("p").first()).toHaveText(/\S+ \S+ \S+/);
  const wanted = Number((await advice.innerText()).match(/Recomendado: (\d)/)[1]);
  // Silhouette, Davies–Bouldin and inertia, a point for each k from 2 to 9.
  await expect(app.getByTestId("suggest-k").getByRole("button", { name: /^k = / })).toHaveCount(3 * 8);
  // The charts go out as one picture; the dialog begins with it.
  await app.getByTestId("suggest-export").click();
  await expect(app.getByTestId("export-suggest_k")).toBeChecked();
  const svg = await download(app);
  expect(svg.name).toBe("dores_solucoes-sugestao-k.svg");
  const text = svg.bytes.toString("utf8");
  expect(text.match(/<circle/g)).toHaveLength(3 * 8 + 3);
  expect(text).toContain("Silhueta");
  await app.getByTestId("suggest-export").click();
  await app.getByLabel("PNG").check();
  const png = await download(app);
  expect(png.name).toBe("dores_solucoes-sugestao-k.png");
  expect(png.bytes.subarray(1, 4).toString()).toBe("PNG");
  await app.getByTestId("use-k").click();
  await expect(app.getByTestId("segment-item")).toHaveCount(wanted);
  await app.getByTestId("pane-sizes").click();
  await expect(app.getByTestId("sizes-chart").getByRole("button")).toHaveCount(wanted);
});
