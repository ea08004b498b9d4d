/** Finding one's way in a table: search, filter, order, a cell's full text, what a column holds. */
import { brazilian, complaints } from "../shared/tables.mjs";
import { ask, cells, expect, preview, segmentSample, test } from "./mirante.mjs";

const LONG = `Primeira linha de um relato longo.\n${"Depois veio a transportadora e nada se resolveu. ".repeat(60)}Fim do relato.`;
const ROWS = complaints(500);
ROWS[123][3] = LONG;
ROWS[200][4] = "";
const worth = (row) => Number(row[2].replace(",", "."));

test("search, filter, order, full text and statistics agree with the file", async ({ app: page }) => {
  await preview(page, "Agosto.csv", brazilian(ROWS));
  await page.getByTestId("import-only").click();
  const grid = page.getByTestId("grid");
  const total = page.getByTestId("row-total");
  await expect(total).toHaveText("500 linhas");

  await test.step("search, with the hits marked, whatever the case and accents", async () => {
    const hits = ROWS.filter((row) => row.join(" ").includes("Goiânia"));
    await page.keyboard.press("/");
    await page.keyboard.type("GOIANIA");
    await expect(total).toHaveText(`${hits.length} de 500 linhas`);
    await expect(grid.locator("mark").first()).toHaveText("Goiânia");
    await expect(cells(grid, 0).first()).toHaveText(hits[0][0]);
    await page.keyboard.press("Escape");
    await expect(total).toHaveText("500 linhas");
  });

  await test.step("a filter on a number, with a decimal comma", async () => {
    const kept = ROWS.filter((row) => worth(row) >= 450.5);
    await page.getByTestId("filter-valor").click();
    await page.getByTestId("filter-value").fill("450,5");
    await page.getByTestId("filter-apply").click();
    await expect(total).toHaveText(`${kept.length} de 500 linhas`);
    await page.getByRole("button", { name: "Tirar o filtro de valor" }).click();
    await expect(total).toHaveText("500 linhas");
  });

  await test.step("order by number and by date, both ways", async () => {
    const byWorth = ROWS.toSorted((a, b) => worth(a) - worth(b));
    await page.getByRole("button", { name: /^valor, na ordem do arquivo/ }).click();
    await expect(cells(grid, 0).nth(2)).toHaveText(byWorth[0][2]);
    await page.getByRole("button", { name: /^valor, do menor para o maior/ }).click();
    await expect(cells(grid, 0).nth(2)).toHaveText(byWorth.at(-1)[2]);
    await page.getByRole("button", { name: /^valor, do maior para o menor/ }).click();
    await expect(cells(grid, 0).first()).toHaveText(ROWS[0][0]);
    const firstDay = ROWS.map((row) => row[1].split("/").toReversed().join("-")).toSorted()[0];
    await page.getByRole("button", { name: /^data, / }).click();
    await expect(cells(grid, 0).nth(1)).toHaveText(firstDay.split("-").toReversed().join("/"));
    await page.getByRole("button", { name: /^data, / }).click();
    await page.getByRole("button", { name: /^data, / }).click();
  });

  await test.step("what a column holds", async () => {
    const inspector = page.getByTestId("inspector");
    const worths = ROWS.map(worth).toSorted((a, b) => a - b);
    await page.getByRole("button", { name: /^valor, / }).click();
    await page.getByRole("button", { name: /^valor, / }).click();
    await page.getByRole("button", { name: /^valor, / }).click();
    const fact = (name) => inspector.locator("dt", { hasText: new RegExp(`^${name}$`) }).locator("xpath=following-sibling::dd[1]");
    const near = async (name, value) => {
      const shown = Number((await fact(name).innerText()).replaceAll(".", "").replace(",", "."));
      expect(Math.abs(shown - value), `${name}: ${shown} against ${value}`).toBeLessThan(0.006);
    };
    await expect(fact("Linhas")).toHaveText("500");
    await near("Menor", worths[0]);
    await near("Maior", worths.at(-1));
    await near("Média", worths.reduce((sum, one) => sum + one, 0) / 500);
    await near("Mediana", (worths[249] + worths[250]) / 2);
    await expect(inspector.getByRole("img", { name: "Distribuição de valor" })).toBeVisible();

    await page.getByRole("button", { name: /^cidade, / }).click();
    await expect(fact("Sem valor")).toContainText("1");
    await expect(fact("Valores diferentes")).toHaveText("5");
    const belem = ROWS.filter((row) => row[4] === "Belém").length;
    await inspector.getByRole("button", { name: "Belém" }).click();
    await expect(total).toHaveText(`${belem} de 500 linhas`);
    await page.getByRole("button", { name: "Tirar o filtro de cidade" }).click();
    await page.getByRole("button", { name: /^cidade, / }).click();
    await page.getByRole("button", { name: /^cidade, / }).click();
  });

  await test.step("a cell's full text, line breaks and all", async () => {
    await page.getByTestId("search-box").fill("relato longo");
    await expect(total).toHaveText("1 de 500 linhas");
    await cells(grid, 0).nth(3).click();
    await expect(page.getByTestId("inspector")).toContainText("Linha 124");
    await expect(page.getByTestId("row-details").locator("dd").first()).toHaveText(LONG, { useInnerText: false });
  });
});

test("rows that are scrolled to stay when the table is read again underneath", async ({ app: page }) => {
  await segmentSample(page);
  await expect(page.getByTestId("map")).toBeVisible();
  await page.getByTestId("rail-data").click();
  const grid = page.getByTestId("grid");
  await grid.focus();
  await page.keyboard.press("Control+End");
  const last = grid.locator('[aria-rowindex="601"] [role=gridcell]').first();
  await expect(last).not.toBeEmpty();
  const readAgain = page.waitForResponse("**/api/runs");
  await ask(page, "lay_out_map", { run: 1 });
  await readAgain;
  // Time enough for rows to be fetched that nobody asked for.
  await page.waitForTimeout(500);
  await expect(last).not.toBeEmpty();
});

test("a hundred thousand rows are browsed without waiting", async ({ app: page }) => {
  test.slow();
  await preview(page, "Cem mil.csv", brazilian(complaints(100_000, 11)));
  await page.getByTestId("import-only").click();
  await expect(page.getByTestId("row-total")).toHaveText("100.000 linhas", { timeout: 120_000 });
  const grid = page.getByTestId("grid");
  await grid.focus();
  await page.keyboard.press("Control+End");
  await expect(grid.locator('[aria-rowindex="100001"] [role=gridcell]').first()).toHaveText("P-100000");
  await page.keyboard.press("Control+Home");
  await expect(cells(grid, 0).first()).toHaveText("P-000001");
  // Pages of a sorted table, each place asked three times beside itself: a page that is slow in itself
  // is slow every time, a machine that is busy elsewhere is not.
  await page.getByRole("button", { name: /^valor, / }).click();
  await expect(page.getByRole("button", { name: /^valor, do menor/ })).toBeVisible();
  const dataset = (await ask(page, "datasets", {})).datasets[0].id;
  const quickest = await page.evaluate(async (dataset) => {
    const answer = async (offset) => {
      const began = performance.now();
      await (await fetch("/api/rows", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ dataset, view: { sort: { column: "valor" } }, offset, limit: 200 }) })).json();
      return performance.now() - began;
    };
    await answer(0);
    const took = {};
    for (let turn = 0; turn < 3; turn += 1) {
      for (const place of [50_000, 99_000, 12_345, 70_000, 33_333]) took[place] = Math.min(took[place] ?? Infinity, await answer(place + 200 * turn));
    }
    return took;
  }, dataset);
  for (const [place, took] of Object.entries(quickest)) expect(took, `milliseconds for the page at ${place}`).toBeLessThan(50);
});
