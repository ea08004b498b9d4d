/** Searching a table: made searchable, asked by words, by meaning, by a row, filtered, lit up on the map. */
import { join } from "node:path";
import { Hub } from "../shared/hub.mjs";
import { ROOT } from "../shared/place.mjs";
import { brazilian, complaints } from "../shared/tables.mjs";
import { ask, cells, countOf, expect, preview, segmentSample, settled, test } from "./mirante.mjs";
import { faults } from "./sight.mjs";

/** Opens the sample and its search. */
async function openSearch(page) {
  await page.getByTestId("try-sample").click();
  await expect(page.getByTestId("row-total")).toHaveText("600 linhas");
  await page.getByTestId("rail-search").click();
}

async function makeSearchable(page) {
  await page.getByTestId("make-index").click();
  // What was waited for can be used at once.
  await expect(page.getByTestId("query")).toBeFocused();
}

const found = (page) => page.getByTestId("result");
const rowsOf = (page) => found(page).evaluateAll((all) => all.map((one) => Number(one.dataset.row)));

/** Looks something up and waits for its own results. */
async function lookUp(page, query) {
  const answer = page.waitForResponse((response) => response.url().endsWith("/api/search") && response.request().postDataJSON().query === query);
  await page.getByTestId("query").fill(query);
  const { results } = await (await answer).json();
  await expect.poll(() => rowsOf(page)).toEqual(results.map((hit) => hit.row));
  return results;
}

test("the sample is made searchable, and a passage found, marked, filtered and followed", async ({ app: page }) => {
  await expect(page.getByTestId("rail-search")).toBeDisabled();
  await openSearch(page);
  await makeSearchable(page);

  await test.step("the words of the query are marked, whole and whatever their case and accents", async () => {
    await lookUp(page, "o BOLETÓ da");
    const marks = await found(page).first().locator("mark").allInnerTexts();
    expect(marks.length).toBeGreaterThan(0);
    expect(marks.every((mark) => mark.toLowerCase() === "boleto")).toBe(true);
    await expect(found(page).first().getByTestId("result-why")).toHaveText(/^linha \d+ · palavras nº 1 · sentido 0,\d\d$/);
    await expect(found(page)).toHaveCount(25);
    await page.getByTestId("top").selectOption("10");
    await expect(found(page)).toHaveCount(10);
    await expect(page.getByTestId("search-status")).toContainText("Os 10 melhores resultados");
  });

  await test.step("a row has the number that the table gives it", async () => {
    const [row] = await rowsOf(page);
    const { cells: all } = await ask(page, "row", { dataset: 1, row });
    expect(await found(page).first().getByTestId("result-text").innerText()).toBe(`${all[2]} ${all[5]}`);
    await expect(found(page).first()).toContainText(`linha ${row + 1}`);
  });

  await test.step("words alone, and all of them hold the word", async () => {
    await page.getByTestId("mode-words").check({ force: true });
    await expect(found(page).first().getByTestId("result-why")).toHaveText(/^linha \d+ · palavras nº 1$/);
    for (const result of await found(page).all()) await expect(result.locator("mark").first()).toHaveText(/^boleto$/i);
    await lookUp(page, "xilofone");
    await expect(page.getByTestId("search-none")).toContainText("Nada encontrado para “xilofone”.");
    await page.getByTestId("none-meaning").click();
    await expect(page.getByTestId("mode-hybrid")).toBeChecked();
    await lookUp(page, "boleto");
  });

  await test.step("a filter that is put together", async () => {
    await page.getByTestId("filter-build").click();
    await page.getByTestId("builder-column").selectOption("nicho");
    await page.getByTestId("builder-value").fill("Contabilidade");
    await page.getByTestId("builder-add").click();
    await expect(page.getByTestId("filter-text")).toHaveValue("nicho = 'Contabilidade'");
    await expect(found(page).filter({ hasText: "nicho Contabilidade" })).toHaveCount(10);
  });

  await test.step("a filter that is wrong says where and what, under itself", async () => {
    const error = page.getByTestId("filter-error");
    await page.getByTestId("filter-text").fill("nixo = 'Contabilidade'");
    await expect(error).toHaveText("Não existe a coluna “nixo”. A mais parecida é “nicho”.");
    await page.getByTestId("filter-text").fill("nicho =");
    await expect(error).toContainText("a partir da posição 8: esperava-se um valor");
    await expect(page.getByTestId("filter-text")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByTestId("search-status")).toContainText("de antes deste filtro");
    await expect(page.getByTestId("toast-error")).toHaveCount(0);
    await page.getByTestId("filter-clear").click();
    await expect(error).toBeHidden();
  });

  await test.step("rows like one of them, and back to the query", async () => {
    const before = await rowsOf(page);
    const result = found(page).nth(1);
    await result.hover();
    await result.getByTestId("result-like").click();
    await expect(page.getByTestId("like-chip")).toContainText(`Parecidos com a linha ${before[1] + 1}`);
    await expect(found(page).first().getByTestId("result-why")).toHaveText(/^linha \d+ · sentido 0,\d\d$/);
    expect(await rowsOf(page)).not.toContain(before[1]);
    await page.getByTestId("like-remove").click();
    await expect(page.getByTestId("query")).toHaveValue("boleto");
    await expect.poll(() => rowsOf(page)).toEqual(before);
  });

  await test.step("results that come late take the focus from nothing the person opened meanwhile", async () => {
    await page.route("**/api/search", async (route) => {
      await new Promise((later) => setTimeout(later, 600));
      await route.continue();
    });
    const before = await rowsOf(page);
    const answer = page.waitForResponse("**/api/search");
    await found(page).first().hover();
    await found(page).first().getByTestId("result-like").click();
    await page.getByTestId("filter-build").click();
    await answer;
    await settled(page);
    await expect(page.getByTestId("builder-value")).toBeFocused();
    await page.unroute("**/api/search");
    await page.keyboard.press("Escape");
    await page.getByTestId("like-remove").click();
    await expect(page.getByTestId("query")).toBeFocused();
    await expect.poll(() => rowsOf(page)).toEqual(before);
  });

  await test.step("what is looked for stays while other views are open", async () => {
    const before = await rowsOf(page);
    await page.getByTestId("rail-models").click();
    await page.getByTestId("rail-search").click();
    await expect(page.getByTestId("query")).toHaveValue("boleto");
    expect(await rowsOf(page)).toEqual(before);
  });
});

test("a result is lit up on the map, and grid, map and export share what is marked", async ({ app: page }) => {
  await segmentSample(page);
  await expect(page.getByTestId("map-note")).toHaveText("600 linhas");
  // A segment chosen before keeps no result out.
  await page.getByTestId("segment-item").first().locator(".terms").click();
  await page.getByTestId("rail-search").click();
  await makeSearchable(page);
  const [first, second] = await lookUp(page, "boleto");

  await test.step("one of them", async () => {
    await found(page).first().hover();
    await found(page).first().getByTestId("result-map").click();
    await expect(page.getByTestId("selection-count")).toHaveText("1 linha selecionada");
    await expect(page.getByTestId("map-note")).toContainText("1 de 600 linhas em destaque");
  });

  await test.step("two that are marked, in the table", async () => {
    await page.getByTestId("rail-search").click();
    await expect(found(page).first()).toHaveAttribute("aria-selected", "true");
    await found(page).nth(1).hover();
    await found(page).nth(1).getByTestId("result-pick").check();
    await expect(page.getByTestId("selection-count")).toHaveText("2 linhas selecionadas");
    await page.getByLabel("ver só estas").check();
    await page.getByTestId("rail-data").click();
    await expect(page.getByTestId("row-total")).toHaveText("2 de 600 linhas");
    const grid = page.getByTestId("grid");
    const [low] = [first.row, second.row].sort((a, b) => a - b);
    await expect(grid.locator('[aria-rowindex="2"] [role=rowheader]')).toContainText(String(low + 1));
    await expect(cells(grid, 0).nth(0)).toHaveText((await ask(page, "row", { dataset: 1, row: low })).cells[0]);
  });

  await test.step("all of them", async () => {
    await page.getByTestId("rail-search").click();
    await page.getByTestId("map-all").click();
    await expect(page.getByTestId("map-note")).toContainText("25 de 600 linhas em destaque");
    expect(await countOf(page.getByTestId("selection-count"))).toBe(25);
    await page.getByTestId("selection-export").click();
    await expect(page.getByTestId("export-dialog")).toContainText("Só as selecionadas");
  });
});

test("searching by keyboard alone", async ({ app: page }) => {
  await page.getByTestId("try-sample").click();
  await expect(page.getByTestId("row-total")).toHaveText("600 linhas");
  await page.keyboard.press("3");
  await expect(page.getByTestId("make-index")).toBeVisible();
  await page.getByTestId("make-index").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("query")).toBeFocused();
  await page.keyboard.type("boleto vencido");
  // Enter before the results are there: they get the focus as they come.
  await page.keyboard.press("Enter");
  await expect(found(page).first()).toBeFocused();

  await test.step("along the results, the inspector with them", async () => {
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(found(page).nth(2)).toBeFocused();
    const rows = await rowsOf(page);
    await expect(page.getByTestId("inspector")).toContainText(`Linha ${rows[2] + 1}`);
    await page.keyboard.press("i");
    await expect(page.getByTestId("inspector")).toBeHidden();
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("row-details")).toBeVisible();
    await page.keyboard.press("End");
    await expect(found(page).last()).toBeFocused();
    await page.keyboard.press("Home");
    await page.keyboard.press("Space");
    await expect(page.getByTestId("selection-count")).toHaveText("1 linha selecionada");
    await page.keyboard.press("Control+a");
    await expect(page.getByTestId("selection-count")).toHaveText("25 linhas selecionadas");
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("selection-bar")).toBeHidden();
  });

  await test.step("more like one, and back", async () => {
    const before = await rowsOf(page);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("m");
    await expect(page.getByTestId("like-chip")).toContainText(`linha ${before[1] + 1}`);
    await expect(found(page).first()).toBeFocused();
    await page.keyboard.press("Escape");
    await expect.poll(() => rowsOf(page)).toEqual(before);
    await expect(found(page).first()).toBeFocused();
    await page.keyboard.press("m");
    await expect(page.getByTestId("like-chip")).toBeVisible();
    await page.keyboard.press("/");
    await expect(page.getByTestId("query")).toBeFocused();
    await expect(page.getByTestId("query")).toHaveValue("boleto vencido");
  });

  await test.step("the keys of this view are told, and numbers open the others", async () => {
    await page.keyboard.press("ArrowDown");
    await expect(found(page).first()).toBeFocused();
    await page.keyboard.press("?");
    await expect(page.getByTestId("key-sheet")).toContainText("Achar linhas parecidas");
    await page.keyboard.press("Escape");
    await page.keyboard.press("4");
    await expect(page.getByTestId("models-view")).toBeVisible();
    await page.keyboard.press("7");
    await expect(page.getByTestId("settings-theme")).toBeVisible();
  });
});

test("an index is made anew and removed, but not by chance", async ({ app: page }) => {
  await openSearch(page);
  await page.getByTestId("text-columns").click();
  await page.getByRole("dialog").getByText("tema", { exact: true }).click();
  await page.keyboard.press("Escape");
  await makeSearchable(page);
  const { indexes } = await ask(page, "indexes", {});
  expect(indexes.map(({ name, text_cols, dataset }) => [name, text_cols, dataset])).toEqual([["dores_solucoes", ["tema"], 1]]);
  await lookUp(page, "boleto");

  await page.getByTestId("index-menu").click();
  await page.getByTestId("index-remake").click();
  await expect(page.getByTestId("text-columns")).toContainText("tema");
  await page.getByTestId("text-columns").click();
  await page.getByRole("dialog").getByText("Automático", { exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByTestId("make-index").click();
  // The same is asked again of the new one.
  await expect(page.getByTestId("search-status")).toContainText("Os 25 melhores resultados");
  expect((await ask(page, "indexes", {})).indexes[0].text_cols).toEqual(["dor_base", "solucao_graventum"]);

  await page.getByTestId("index-menu").click();
  await page.getByTestId("index-remove").click();
  await page.keyboard.press("Escape");
  await expect(found(page).first()).toBeVisible();
  await page.getByTestId("index-menu").click();
  await page.getByTestId("index-remove").click();
  await page.getByTestId("confirm-yes").click();
  await expect(page.getByTestId("make-index")).toBeVisible();
  expect((await ask(page, "indexes", {})).indexes).toEqual([]);
});

test("a table that takes long to index shows how far it is, and can be let off", async ({ app: page }) => {
  // Long enough that it is still at work when one comes back, on a slow screen too.
  await preview(page, "Agosto.csv", brazilian(complaints(150_000)));
  await page.getByTestId("import-only").click();
  await expect(page.getByTestId("row-total")).toHaveText("150.000 linhas");
  await page.getByTestId("rail-search").click();
  await page.getByTestId("make-index").click();
  await expect(page.getByTestId("view-job-progress")).toContainText("%");
  // Meanwhile other views can be used, and it is still told on coming back.
  await page.getByTestId("rail-data").click();
  await page.getByTestId("rail-search").click();
  await page.getByTestId("view-job-cancel").click();
  await expect(page.getByTestId("make-index")).toBeVisible();
  await expect(page.getByTestId("toast-error")).toHaveCount(0);
  expect((await ask(page, "indexes", {})).indexes).toEqual([]);
});

test("what has no words is searched by words alone, and says why", async ({ app: page }) => {
  await preview(page, "sinais.csv", Buffer.from("sinal;n\n!;1\n?;2\n…;3\n"));
  await page.getByTestId("import-only").click();
  await page.getByTestId("rail-search").click();
  await page.getByTestId("text-columns").click();
  await page.getByRole("dialog").getByText("sinal", { exact: true }).click();
  await page.keyboard.press("Escape");
  await makeSearchable(page);
  await expect(page.getByTestId("mode-hybrid")).toBeDisabled();
  await expect(page.getByTestId("mode-words")).toBeChecked();
  await expect(page.getByRole("group", { name: "Modo de busca" })).toHaveAccessibleDescription(/não tem vetores/);
  await page.getByTestId("query").fill("sinal");
  await expect(page.getByTestId("search-none")).toContainText("refaça o índice com um modelo");
});

test("an index goes over to a newer version of its table", async ({ app: page }) => {
  const rows = Array.from({ length: 30 }, (_, at) => `reclamação ${at};SP`);
  await preview(page, "queixas.csv", Buffer.from(["queixa;uf", ...rows].join("\n")));
  await page.getByTestId("import-only").click();
  await page.getByTestId("rail-search").click();
  await expect(page.getByTestId("make-searchable")).toBeVisible();
  await expect(page.getByTestId("earlier-index")).toHaveCount(0);
  await makeSearchable(page);
  await preview(page, "queixas.csv", Buffer.from(["queixa;uf", "geladeira com defeito;RJ", ...rows.slice(1)].join("\n")));
  await page.getByTestId("import-only").click();
  await page.getByTestId("rail-search").click();
  await expect(page.getByTestId("earlier-index")).toContainText("Só o que mudou é lido de novo");
  await page.getByTestId("carry-on").click();
  await expect(page.getByTestId("query")).toBeFocused();
  await expect(page.getByRole("status").filter({ hasText: "Índice atualizado" })).toContainText("0 novas, 1 alteradas, 0 retiradas");
  const [hit] = await lookUp(page, "geladeira");
  expect([hit.row, hit.fields.uf]).toEqual([0, "RJ"]);
  const { indexes } = await ask(page, "indexes", {});
  expect(indexes.map((index) => [index.name, index.rows, index.dataset])).toEqual([["queixas", 30, 2]]);
});

test("vectors that another program made are searched by rows", async ({ app: page }) => {
  await preview(page, "cores.csv", Buffer.from("cor;n\num vermelho bem vivo;1\nazul como o mar de noite;2\nrosa quase da cor da pele;3\n"));
  await page.getByTestId("import-only").click();
  await page.getByTestId("rail-search").click();
  const pick = async (name, text) => {
    const chooser = page.waitForEvent("filechooser");
    await page.getByTestId("pick-vectors").click();
    await (await chooser).setFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
    await expect(page.getByTestId("make-searchable")).toContainText(name);
  };
  await pick("curto.json", "[[1, 0]]");
  await page.getByTestId("make-index").click();
  await expect(page.getByTestId("search-error")).toContainText("curto.json tem 1 vetores para 3 linhas");
  await page.getByTestId("clear-vectors").click();
  await pick("vetores.json", "[[1, 0.1], [0, 1], [1, 0]]");
  await makeSearchable(page);
  await expect(page.getByTestId("mode-words")).toBeChecked();
  await lookUp(page, "vermelho");
  await found(page).first().getByTestId("result-like").click();
  await expect.poll(() => rowsOf(page)).toEqual([2, 1]);
});

test("typing never waits: of slow answers only the newest is shown", async ({ app: page }) => {
  await openSearch(page);
  await makeSearchable(page);
  await page.route("**/api/search", async (route) => {
    // The first is the slowest.
    if (route.request().postDataJSON().query === "cliente") await new Promise((later) => setTimeout(later, 2500));
    await route.continue();
  });
  await page.getByTestId("query").fill("cliente");
  await expect(page.getByTestId("search-skeleton")).toBeVisible();
  await expect(page.getByTestId("search-status")).toHaveText("Buscando…");
  await lookUp(page, "boleto");
  const rows = await rowsOf(page);
  await new Promise((later) => setTimeout(later, 3000));
  expect(await rowsOf(page)).toEqual(rows);
});

test.describe("with a model", () => {
  const MODEL = "ana/frases";

  test("a table is searched by a model, and by words where the model is gone", async ({ page, server }) => {
    test.slow();
    const hub = await new Hub(join(ROOT, "tests/goldens/transformers/bert")).start();
    await server.kill();
    server.env = { HF_ENDPOINT: hub.address, HF_HOME: join(server.home, "none"), HF_HUB_CACHE: "", HF_TOKEN: "", HF_HUB_OFFLINE: "" };
    await server.start();
    try {
      await page.goto(server.link);
      await page.getByTestId("rail-models").click();
      await page.getByTestId("model-name").fill(MODEL);
      await page.getByTestId("model-fetch").click();
      await expect(page.locator(`[data-model="${MODEL}"]`)).toContainText("Nesta máquina");
      await page.getByTestId("rail-data").click();
      await openSearch(page);
      await page.getByTestId("index-model").selectOption(MODEL);
      await makeSearchable(page);
      await expect(page.getByTestId("index-menu")).toContainText("frases");
      await lookUp(page, "boleto");

      await ask(page, "remove_model", { model: MODEL });
      await page.getByTestId("query").fill("cobrança");
      const error = page.getByTestId("search-error");
      await expect(error).toContainText(`O modelo ${MODEL} não está nesta máquina.`);
      await expect(error.getByRole("button", { name: "Copiar detalhes" })).toBeVisible();
      await page.getByTestId("trouble-words").click();
      await expect(found(page).first().locator("mark").first()).toHaveText(/^cobrança$/i);
      await page.getByTestId("mode-vector").check({ force: true });
      await error.getByTestId("trouble-remake").click();
      await expect(page.getByTestId("index-model").locator("option")).toHaveCount(1);
      await page.getByTestId("make-index").click();
      await expect(page.getByTestId("index-menu")).toContainText("Palavras da tabela");
      await expect(found(page).first()).toBeVisible();
    } finally {
      hub.close();
    }
  });
});

for (const theme of ["light", "dark"]) {
  test(`a marked and chosen result reads well in the ${theme} theme`, async ({ app: page }) => {
    await page.getByTestId("theme-menu").click();
    await page.getByTestId(`theme-${theme}`).click();
    await openSearch(page);
    await makeSearchable(page);
    await lookUp(page, "boleto do cliente");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    await expect(page.getByTestId("selection-bar")).toBeVisible();
    await settled(page);
    expect(await faults(page)).toEqual([]);
  });
}
