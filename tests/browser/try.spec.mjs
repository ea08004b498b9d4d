/** Models tried in the window: one of every task, by hand and by keyboard, and one asked about a whole table. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { records } from "../shared/csv.mjs";
import { endless, placeModel, placeModels } from "../shared/models.mjs";
import { Server } from "../shared/serve.mjs";
import { say } from "../shared/words.mjs";
import { ask, cells, expect, test as base } from "./mirante.mjs";
import { isSound } from "./sight.mjs";

const test = base.extend({
  server: async ({}, use) => {
    const server = new Server();
    placeModels(server.home);
    // Caches of whoever runs this must not be seen.
    server.env = { HF_HOME: join(server.home, "none"), HF_HUB_CACHE: "", HF_HUB_OFFLINE: "" };
    await server.start();
    await use(server);
    await server.close();
  },
});

const row = (page, model) => page.locator(`[data-testid=model-row][data-model="${model}"]`);

/** Opens a model's panel from the list. */
async function open(page, model) {
  await row(page, model).getByTestId("model-try").click();
  await expect(page.getByTestId("try-panel").getByRole("heading", { name: model })).toBeVisible();
}

/** Runs what is written and waits for its result. */
async function run(page) {
  await page.getByTestId("try-run").click();
  await expect(page.getByTestId("try-result")).toBeVisible();
}

/** A share as it is written in Portuguese. */
const percent = (share) => `${(share * 100).toFixed(1).replace(".", ",")}%`;

test("one of every task is tried", async ({ app: page }) => {
  await page.getByTestId("rail-models").click();
  const result = page.getByTestId("try-result");

  await test.step("classes as bars, the likeliest first", async () => {
    await open(page, "ana/classes");
    await expect(page.getByTestId("try-text")).toBeFocused();
    await expect(page.getByTestId("try-run")).toBeDisabled();
    await page.getByTestId("try-example").click();
    await expect(page.getByTestId("try-text")).toHaveValue(say("models.examples.classify.text"));
    await expect(page.getByTestId("try-text")).toBeFocused();
    await run(page);
    const text = say("models.examples.classify.text");
    const { results, ran_on } = await ask(page, "classify", { texts: [text], settings: { model: "ana/classes" } });
    const bars = page.getByTestId("classes").locator("li");
    await expect(bars).toHaveCount(3);
    expect(await bars.allInnerTexts()).toEqual(results[0].scores.map(({ label, score }) => `${label}\n${percent(score)}`));
    await expect(page.getByTestId("ran-on")).toContainText(`ana/classes · CPU · f32 · ${ran_on.instructions}`);
    await isSound(page);
  });

  await test.step("what was written stays for another model, and an old answer says that it is old", async () => {
    await page.getByTestId("try-text").fill("O cliente reclama.");
    await expect(page.getByTestId("try-stale")).toBeVisible();
    await page.getByTestId("try-text").press("Control+Enter");
    await expect(page.getByTestId("try-stale")).toHaveCount(0);
    await open(page, "ana/entidades");
    await expect(result).toHaveCount(0);
    await expect(page.getByTestId("try-text")).toHaveValue("O cliente reclama.");
  });

  await test.step("entities are marked where they stand, by colour and by name", async () => {
    // Characters of two halves come first: places are counted in characters.
    const text = "😀👍🏽 Ana, José e Zé-Carlos da Silva moram em São Paulo.";
    await page.getByTestId("try-text").fill(text);
    await run(page);
    const { entities } = await ask(page, "tag", { texts: [text], settings: { model: "ana/entidades" } });
    const told = entities[0].map((one) => `${one.text}${one.type}`);
    expect(told.length).toBeGreaterThan(2);
    expect(await page.getByTestId("entity-text").locator("mark").allTextContents()).toEqual(told);
    const whole = await page.getByTestId("entity-text").evaluate((element) => {
      const copy = element.cloneNode(true);
      for (const kind of copy.querySelectorAll(".kind")) kind.remove();
      return copy.textContent;
    });
    expect(whole).toBe(text);
    await expect(page.getByTestId("entity-list").locator("li")).toHaveCount(told.length);
    await isSound(page);
  });

  await test.step("an answer in its place, with what else it could be", async () => {
    await open(page, "ana/respostas");
    await page.getByTestId("try-example").click();
    await page.getByTestId("try-question").press("Enter");
    await expect(result).toBeVisible();
    const [question, context] = [say("models.examples.answer.question"), say("models.examples.answer.context")];
    const { answers } = await ask(page, "answer", { question, contexts: [context], choice: { most: 5 }, settings: { model: "ana/respostas" } });
    await expect(page.getByTestId("answer")).toHaveText(answers[0].answer ?? say("models.try.no_answer"));
    await expect(page.getByTestId("answer-context").locator("mark")).toHaveText(answers[0].answer === null ? [] : [answers[0].answer]);
    await expect(page.getByTestId("candidates").locator("li")).toHaveCount(5);
    await expect(page.getByTestId("candidates").locator("li").first()).toContainText(percent(answers[0].candidates[0].probability));
    await isSound(page);
  });

  await test.step("a summary", async () => {
    await open(page, "ana/resumos");
    await page.getByTestId("try-text").fill(say("models.examples.summarize.text"));
    await run(page);
    await expect(page.getByTestId("written-text")).not.toHaveText("");
    await expect(page.getByTestId("ran-on")).toContainText("ana/resumos · CPU");
  });

  await test.step("a text, as long as it may be", async () => {
    await open(page, "ana/texto");
    await page.getByTestId("try-prompt").fill("O cliente");
    await page.getByTestId("max-tokens").fill("7");
    await page.getByTestId("temperature").fill("0");
    await run(page);
    await expect(page.getByTestId("written-facts")).toHaveText(/^\d tokens? · [\d.,]+ tokens\/s · (terminou sozinho|parou no máximo de tokens)$/);
    await page.getByTestId("try-system-fold").click();
    await page.getByTestId("try-system").fill("Responda pouco.");
    await expect(page.getByTestId("try-stale")).toBeVisible();
    await isSound(page);
  });

  await test.step("how near two texts are", async () => {
    await open(page, "ana/vetores");
    await page.getByTestId("try-first").fill("boleto vencido");
    await page.getByTestId("try-second").fill("boleto vencido");
    await run(page);
    await expect(page.getByTestId("cosine")).toHaveText("1,000");
    await page.getByTestId("try-second").fill("praia e sol");
    await page.getByTestId("try-second").press("Control+Enter");
    await expect(page.getByTestId("cosine")).not.toHaveText("1,000");
    await isSound(page);
  });
});

test("a model is applied to the sample, and the result is imported", async ({ app: page }) => {
  await page.getByTestId("rail-models").click();
  await open(page, "ana/classes");
  await page.getByTestId("side-apply").click();
  await expect(page.getByTestId("apply-empty")).toBeVisible();
  await page.getByTestId("apply-empty").getByText(say("welcome.sample")).click();
  await expect(page.getByTestId("apply-run")).toHaveText("Aplicar a 600 linhas");

  await test.step("a name that the table has is refused", async () => {
    await page.getByTestId("apply-column").fill("NICHO");
    await expect(page.getByTestId("apply-run")).toBeDisabled();
    await expect(page.getByText("A tabela já tem a coluna NICHO.")).toBeVisible();
    await page.getByTestId("apply-column").fill("tom");
  });

  await test.step("one column is read", async () => {
    await page.getByTestId("text-columns").click();
    await page.getByRole("checkbox", { name: "dor_base" }).check();
    await page.keyboard.press("Escape");
    await isSound(page);
  });

  const counts = {};
  await test.step("every row gets its class, and the file comes", async () => {
    const coming = page.waitForEvent("download");
    await page.getByTestId("apply-run").click();
    const file = await coming;
    expect(file.suggestedFilename()).toBe("dores_solucoes-tom.csv");
    const [head, ...rows] = records(readFileSync(await file.path(), "utf8"));
    expect(head.slice(-2)).toEqual(["tom", "tom_score"]);
    expect(rows).toHaveLength(600);
    const at = head.indexOf("dor_base");
    const { results } = await ask(page, "classify", { texts: rows.slice(0, 5).map((cells) => cells[at]), settings: { model: "ana/classes" } });
    expect(rows.slice(0, 5).map((cells) => cells.at(-2))).toEqual(results.map((one) => one.label));
    for (const cells of rows) counts[cells.at(-2)] = (counts[cells.at(-2)] ?? 0) + 1;
  });

  await test.step("it is told how often each was found", async () => {
    const told = Object.entries(counts).toSorted(([, n], [, m]) => m - n);
    expect(await page.getByTestId("apply-counts").locator("li").allInnerTexts()).toEqual(told.map(([label, n]) => `${label}\n${n}`));
    await expect(page.getByTestId("toast")).toContainText(`600 linhas em dores_solucoes-tom.csv. ${told[0][0]} ${told[0][1]}`);
    await isSound(page);
  });

  await test.step("imported, it is the table in focus", async () => {
    await page.getByTestId("apply-import").click();
    await expect(page.getByTestId("dataset-menu")).toHaveText("dores_solucoes-tom");
    await expect(page.getByTestId("row-total")).toHaveText("600 linhas");
    await expect(cells(page.getByTestId("grid"), 0).first()).toBeVisible();
    const { columns } = await ask(page, "dataset", { dataset: 2 });
    expect(columns.slice(-2).map((column) => column.name)).toEqual(["tom", "tom_score"]);
  });

  await test.step("there the name is taken, so another is offered; questions go to another task", async () => {
    await page.getByTestId("rail-models").click();
    await expect(page.getByTestId("apply-column")).toHaveValue("classe");
    await open(page, "ana/respostas");
    await expect(page.getByTestId("apply-run")).toBeDisabled();
    await page.getByTestId("apply-question").fill("O que falta?");
    await expect(page.getByTestId("apply-column")).toHaveValue("resposta");
    const coming = page.waitForEvent("download");
    await page.getByTestId("apply-question").press("Control+Enter");
    expect((await coming).suggestedFilename()).toBe("dores_solucoes-tom-resposta.csv");
    // The keys that segment a table elsewhere do not do so here.
    await expect(page.getByTestId("models-view")).toBeVisible();
  });
});

test("what a model writes without end is cancelled, and what fails says so", async ({ app: page, server }) => {
  placeModel(server.home, "ana/falante", "decoders/llama", endless);
  await page.getByTestId("rail-models").click();
  await open(page, "ana/falante");
  await page.getByTestId("try-prompt").fill("a");
  await page.getByTestId("max-tokens").fill("1000000");
  await page.getByTestId("try-prompt").press("Control+Enter");
  await expect(page.getByTestId("try-job-progress")).toBeVisible();
  await page.getByTestId("try-job-cancel").click();
  await expect(page.getByTestId("try-run")).toBeEnabled();
  await expect(page.getByTestId("try-result")).toHaveCount(0);
  await expect(page.getByTestId("try-error")).toHaveCount(0);

  await test.step("a number that cannot be is not sent", async () => {
    await page.getByTestId("temperature").fill("99");
    await page.getByTestId("try-run").click();
    expect(await page.getByTestId("temperature").evaluate((input) => input.validity.rangeOverflow)).toBe(true);
    await expect(page.getByTestId("try-job-progress")).toHaveCount(0);
    await page.getByTestId("temperature").fill("");
  });

  await test.step("a model that is not what it says", async () => {
    // Weights of another model under the configuration of this one.
    placeModel(server.home, "ana/torto", "heads/bert-classify", (config) => ({ ...config, hidden_size: 24 }));
    await page.getByTestId("rail-settings").click();
    await page.getByTestId("rail-models").click();
    await open(page, "ana/torto");
    await page.getByTestId("try-text").fill("a");
    await page.getByTestId("try-run").click();
    const error = page.getByTestId("try-error");
    await expect(error).toContainText(say("errors.model_shape_next"));
    await expect(error.getByRole("button", { name: say("common.copy_details") })).toBeVisible();
    await expect(page.getByTestId("toast-error")).toHaveCount(0);
    await isSound(page);
  });
});

test("a model is found, tried and left by keyboard alone", async ({ app: page }) => {
  await page.keyboard.press("4");
  await expect(page.getByTestId("model-row").first()).toBeVisible();
  const at = (locator) => locator.evaluate((element) => element === document.activeElement);
  const tabTo = async (locator, key = "Tab") => {
    for (let i = 0; i < 40 && !(await at(locator)); i += 1) await page.keyboard.press(key);
    await expect(locator).toBeFocused();
  };

  await tabTo(page.getByTestId("model-filter"));
  await page.keyboard.type("ana classes");
  await expect(page.getByTestId("model-row")).toHaveCount(1);
  await tabTo(row(page, "ana/classes").getByTestId("model-try"));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("try-text")).toBeFocused();
  await page.keyboard.type("Tudo certo");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByTestId("classes")).toBeVisible();
  await tabTo(page.getByTestId("side-try"), "Shift+Tab");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("side-apply")).toBeFocused();
  await expect(page.getByTestId("apply-empty")).toBeVisible();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByTestId("classes")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("try-panel")).toHaveCount(0);
  await expect(row(page, "ana/classes").getByTestId("model-try")).toBeFocused();
  await tabTo(page.getByTestId("model-filter"), "Shift+Tab");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("model-filter")).toHaveValue("");
});

test("the sample's rows are put together by what a model makes of them", async ({ app }) => {
  await app.getByTestId("try-sample").click();
  await expect(app.getByTestId("row-total")).toHaveText("600 linhas");
  await app.getByTestId("segment-button").click();
  await expect(app.getByTestId("segment-item")).toHaveCount(8);
  const [{ result: words }] = (await ask(app, "runs", { dataset: 1 })).runs;
  await app.getByTestId("advanced").click();
  await app.getByTestId("segment-by").selectOption("ana/vetores");
  if (process.env.MIRANTE_SHOT) await app.screenshot({ path: process.env.MIRANTE_SHOT });
  await app.keyboard.press("Escape");
  await app.getByTestId("segment-button").click();
  await expect.poll(async () => (await ask(app, "runs", { dataset: 1 })).runs.length).toBe(2);
  const { runs } = await ask(app, "runs", { dataset: 1 });
  const newest = runs.reduce((one, other) => (other.id > one.id ? other : one));
  expect(newest.request.settings).toMatchObject({ by: "meaning", model: "ana/vetores" });
  expect(newest.result.segments.map((one) => one.count)).not.toEqual(words.segments.map((one) => one.count));
  expect(newest.result.segments.reduce((sum, one) => sum + one.count, 0)).toBe(600);
});
