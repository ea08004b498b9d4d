/** From a file in the hand to its segments. */
import { readFileSync } from "node:fs";
import { records } from "../shared/csv.mjs";
import { HEADER, brazilian, complaints, save } from "../shared/tables.mjs";
import { say } from "../shared/words.mjs";
import { ask, cells, download, drop, expect, heads, importAndSegment, preview, rowCount, segments, test } from "./mirante.mjs";

const NAME = "Reclamações de agosto – São José.csv";
const ROWS = complaints(240);

test("a dropped table is previewed, its dialect set right, and segmented", async ({ app }) => {
  const bytes = brazilian(ROWS);
  const lines = bytes.toString("latin1").split("\r\n");
  const path = await preview(app, NAME, bytes);
  const grid = app.getByTestId("preview-grid");

  await test.step("the guesses are right", async () => {
    await expect(app.getByRole("heading", { name: NAME })).toBeVisible();
    await expect(app.getByTestId("import-facts")).toContainText("240 linhas · 5 colunas");
    await expect(app.getByTestId("import-encoding")).toHaveValue("windows-1252");
    await expect(app.getByTestId("import-delimiter")).toHaveValue(";");
    await expect(app.getByTestId("import-decimal")).toHaveValue(",");
    await expect(app.getByTestId("import-date_order")).toHaveValue("day_first");
    await expect(heads(grid).filter({ has: app.locator("strong") })).toContainText(HEADER);
    await expect(cells(grid, 0)).toHaveText(ROWS[0]);
    await expect(app.getByLabel("Tipo de valor")).toHaveValue("number");
    await expect(app.getByLabel("Tipo de data")).toHaveValue("date");
    await expect(app.getByLabel("Papel de comentário")).toHaveValue("text");
  });

  await test.step("another separator makes another preview", async () => {
    await app.getByTestId("import-delimiter").selectOption("|");
    await expect(app.getByTestId("import-facts")).toContainText("240 linhas · 1 coluna");
    await expect(cells(grid, 0)).toHaveText([lines[1]]);
    await app.getByTestId("import-encoding").selectOption("utf-8");
    await expect(app.getByTestId("import-issues")).toContainText("Bytes fora da codificação");
  });

  await test.step("and back", async () => {
    await app.getByRole("button", { name: "Voltar ao que foi detectado" }).click();
    await expect(app.getByTestId("import-facts")).toContainText("240 linhas · 5 colunas");
    await expect(app.getByTestId("import-issues")).toBeHidden();
    await expect(cells(grid, 0)).toHaveText(ROWS[0]);
  });

  await test.step("two clicks from the drop to the segments", async () => {
    await importAndSegment(app);
    const list = await segments(app);
    expect(list.reduce((sum, one) => sum + one.count, 0)).toBe(240);
    expect(new Set(list.map((one) => one.name)).size).toBe(8);
  });

  await test.step("what was previewed is what was imported, and the file is as it was", async () => {
    await app.getByTestId("rail-data").click();
    const rows = app.getByTestId("grid");
    await expect(cells(rows, 0).first()).toHaveText(ROWS[0][0]);
    expect(await rowCount(rows)).toBe(240);
    expect(readFileSync(path)).toEqual(bytes);
  });
});

test("a table with bad rows keeps them and says where they are", async ({ app }) => {
  const lines = brazilian(ROWS).toString("latin1").split("\r\n");
  lines[5] += ";a mais;ainda mais";
  lines[9] = "P-só um campo";
  await preview(app, "com defeitos.csv", Buffer.from(lines.join("\r\n"), "latin1"));
  await expect(app.getByTestId("import-issues")).toContainText("Campos a mais");
  await expect(app.getByTestId("import-issues")).toContainText("Faltam campos");
  await app.getByTestId("import-only").click();
  await expect(app.getByTestId("row-total")).toHaveText("240 linhas");
  await app.getByTestId("issues-button").click();
  const panel = app.getByTestId("issues-panel");
  await expect(panel.getByRole("row", { name: "Campos a mais" }).getByRole("cell").first()).toHaveText("6");
  await expect(panel.getByRole("row", { name: "Faltam campos" }).getByRole("cell").first()).toHaveText("10");
  const { name, bytes } = await download(app, "issues-save");
  expect(name).toBe("com defeitos-issues.csv");
  expect(records(bytes.toString("utf8").replace(/^\uFEFF/, ""), ";")).toEqual([
    ["line", "column", "kind", "text"],
    ["6", "", "too_many_fields", "a mais;ainda mais"],
    ["10", "data", "too_few_fields", "P-só um campo"],
  ]);
});

test("tables opened before are one click away after a restart", async ({ app, server }) => {
  await preview(app, NAME, brazilian(ROWS));
  await app.getByTestId("import-only").click();
  await expect(app.getByTestId("row-total")).toHaveText("240 linhas");
  await server.kill();
  await server.start();
  await app.goto(server.link);
  await expect(app.getByTestId("recent-dataset")).toHaveCount(1);
  await app.getByTestId("recent-dataset").click();
  await expect(cells(app.getByTestId("grid"), 0).first()).toHaveText(ROWS[0][0]);
});

test("what cannot be read is said, with what to do next", async ({ app }) => {
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const failed = [
    ["foto.csv", png, "not_text"],
    ["vazio.csv", Buffer.alloc(0), "empty_file"],
  ];
  for (const [name, bytes, code] of failed) {
    await drop(app, save(name, bytes));
    const told = app.getByTestId("import-error");
    await expect(told).toContainText(say(`errors.${code}`, { path: name }));
    await expect(told).toContainText(say(`errors.${code}_next`, { path: name }));
    await expect(app.getByTestId("import-segment")).toBeDisabled();
    await told.getByRole("button", { name: "Escolher outro arquivo" }).click();
    await expect(app.getByTestId("drop-zone")).toBeVisible();
  }
  // A failure leaves the screen able to go on.
  await preview(app, NAME, brazilian(ROWS));
  await expect(app.getByTestId("import-segment")).toBeEnabled();
});

test("dates in the texts of another format can be read the other way round", async ({ app }) => {
  const lines = Array.from({ length: 12 }, (_, i) => JSON.stringify({ pedido: i, quando: `0${1 + (i % 9)}/02/2024` }));
  await preview(app, "pedidos.jsonl", Buffer.from(lines.join("\n")));
  await expect(app.getByTestId("import-facts")).toContainText("JSONL");
  await expect(app.getByTestId("import-date_order")).toHaveValue("day_first");
  await app.getByTestId("import-date_order").selectOption("month_first");
  await app.getByTestId("import-only").click();
  await expect(app.getByTestId("row-total")).toHaveText("12 linhas");
  const { columns } = await ask(app, "dataset", { dataset: 1 });
  expect(columns[1]).toMatchObject({ kind: "date", date_order: "month_first" });
});
