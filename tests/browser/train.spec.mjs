/** A model taught in the window: examples out of a table, the estimate, the loss as it falls, and what comes of it. */
import { join } from "node:path";
import { written } from "../shared/csv.mjs";
import { placeModel } from "../shared/models.mjs";
import { Server } from "../shared/serve.mjs";
import { save } from "../shared/tables.mjs";
import { say } from "../shared/words.mjs";
import { ask, expect, preview, test as base } from "./mirante.mjs";
import { isSound, look } from "./sight.mjs";

/** Room for examples longer than the tiny model's own. */
const roomy = (config) => ({ ...config, ...("max_position_embeddings" in config ? { max_position_embeddings: 4096 } : {}) });

const test = base.extend({
  server: async ({}, use) => {
    const server = new Server();
    placeModel(server.home, "ana/escritora", "decoders/llama", roomy);
    placeModel(server.home, "ana/leitora", "heads/bert-classify");
    // Caches of whoever runs this must not be seen.
    server.env = { HF_HOME: join(server.home, "none"), HF_HUB_CACHE: "", HF_HUB_OFFLINE: "1" };
    await server.start();
    await use(server);
    await server.close();
  },
});

/** Questions and answers, of which one is there twice, one has no answer and one holds a CPF. */
function answers(count) {
  const of = ["prazo", "troca", "boleto", "frete", "cupom"];
  const rows = Array.from({ length: count }, (_, i) => [String(i + 1), `Pergunta ${i + 1} sobre ${of[i % 5]}?`, `O ${of[i % 5]} ${i + 1} sai hoje.`]);
  rows.push(["", ...rows[0].slice(1)], ["x", "Sem resposta?", ""], ["y", "Meu CPF é 529.982.247-25, e agora?", "Está certo."]);
  return Buffer.from(written([["protocolo", "pergunta", "resposta"], ...rows]));
}

/** Opens the training view on such a table, with its columns and the only model chosen of themselves. */
async function prepare(page) {
  await preview(page, "Atendimento.csv", answers(40));
  await page.getByTestId("import-only").click();
  await expect(page.getByTestId("row-total")).toHaveText("43 linhas");
  await page.keyboard.press("5");
  await expect(page.getByTestId("train-view")).toBeVisible();
  await expect(page.getByTestId("train-examples")).toContainText("41 exemplos");
  await expect(page.getByTestId("train-run")).toBeEnabled();
}

/** Sets numbers of the advanced settings. */
async function set(page, values) {
  if (!(await page.getByTestId("train-advanced").evaluate((fold) => fold.open))) await page.getByTestId("train-advanced").locator("summary").click();
  for (const [name, value] of Object.entries(values)) await page.getByTestId(`train-${name}`).fill(String(value));
}

const points = (page) => page.getByTestId("curve").getAttribute("data-points").then(Number);
const watch = (page) => page.getByTestId("train-watch");
const row = (page) => page.getByTestId("training-row");

test("a model is taught out of a table, stopped and kept, tried and merged", async ({ app: page }) => {
  test.slow();
  await page.getByTestId("rail-train").click();
  await expect(page.getByTestId("train-none")).toContainText(say("train.next.data"));
  await expect(page.getByTestId("train-run")).toBeDisabled();
  await isSound(page);
  await look(page, "train-empty");

  await test.step("its examples: none twice, none without an answer, no CPF", async () => {
    await prepare(page);
    const told = page.getByTestId("train-examples");
    await expect(told).toContainText("1 repetido fora · 1 vazio fora");
    await expect(told).toContainText("CPF 1");
    await expect(page.getByTestId("train-prompt")).toHaveValue("pergunta");
    await expect(page.getByTestId("train-model")).toHaveValue("ana/escritora");
  });

  const steps = page.getByTestId("need-steps").locator("dd").first();
  await test.step("what it would need follows the settings", async () => {
    // 39 examples, 16 a step, 2 epochs.
    await expect(steps).toContainText("6");
    await expect(page.getByTestId("need-examples")).toContainText("39 exemplos para treinar · 2 para avaliar");
    await expect(page.getByTestId("need-memory")).toContainText("MB");
    await page.getByTestId("preset-small").check();
    await expect(steps).toContainText("3");
    await page.getByTestId("preset-balanced").check();
    await set(page, { epochs: 4000, eval_steps: 10, learning_rate: 0.01 });
    await expect(steps).toContainText("12.000");
    await expect(page.getByTestId("preset-balanced")).not.toBeChecked();
    await set(page, { epochs: "" });
    await expect(page.getByTestId("train-run")).toBeDisabled();
    await set(page, { epochs: 4000 });
    await expect(page.getByTestId("train-run")).toBeEnabled();
    await isSound(page);
    await look(page, "train-ready");
  });

  await test.step("the loss falls before one's eyes", async () => {
    await page.getByTestId("train-epochs").press("Control+Enter");
    await expect(watch(page)).toHaveAttribute("data-state", "running");
    await expect(page.getByTestId("train-run")).toBeDisabled();
    await expect(page.getByTestId("train-why")).toHaveText(say("train.one_at_a_time"));
    await expect.poll(() => points(page)).toBeGreaterThan(20);
    const before = await points(page);
    await expect.poll(() => points(page)).toBeGreaterThan(before);
    await expect(page.getByTestId("figure-left").locator("b")).toHaveText(/^\d+:\d\d/);
    await expect(page.getByTestId("figure-steps")).toContainText("de 12.000");
    await expect(page.getByTestId("figure-held").locator("b")).toHaveText(/^\d,\d{3}$/);
    await page.getByTestId("curve-measure").selectOption("tokens_per_second");
    await expect(page.getByTestId("curve-value")).toHaveText(/^Passo [\d.]+: [\d.,]+$/);
    await page.getByTestId("curve-measure").selectOption("loss");
    await isSound(page);
    await look(page, "train-live");
  });

  await test.step("stopped and kept, it stands in the history with what it came to", async () => {
    await page.getByTestId("train-keep").click();
    await expect(watch(page)).toHaveAttribute("data-state", "done");
    await expect(watch(page)).toContainText(say("train.states.kept"));
    await expect(row(page)).toHaveCount(1);
    await expect(row(page)).toHaveAttribute("data-state", "done");
    const { trainings } = await ask(page, "trainings", {});
    expect(trainings[0].result.end).toBe("kept");
    const { curve } = await ask(page, "training", { output_dir: trainings[0].output_dir });
    expect(await points(page)).toBe(curve.length);
    expect(curve.at(-1).loss).toBeLessThan(curve[0].loss);
    await expect(row(page)).toContainText(trainings[0].result.figures.loss.toFixed(3).replace(".", ","));
  });

  await test.step("the curve is walked along by keyboard", async () => {
    await page.getByTestId("curve-cursor").focus();
    await page.keyboard.press("Home");
    await expect(page.getByTestId("curve-value")).toContainText("Passo 1:");
    await page.keyboard.press("ArrowRight");
    await expect(page.getByTestId("curve-cursor")).toHaveAttribute("aria-valuenow", "2");
    await isSound(page);
    await look(page, "train-done");
  });

  await test.step("what it learned is tried beside it", async () => {
    await page.getByTestId("train-try").click();
    await expect(page.getByTestId("try-what")).toContainText("escritora");
    await page.getByTestId("try-prompt").fill("Pergunta 7 sobre boleto?");
    await page.getByTestId("max-tokens").fill("8");
    await page.getByTestId("temperature").fill("0");
    const asked = page.waitForRequest("**/api/generate");
    await page.getByTestId("try-prompt").press("Control+Enter");
    const { settings } = (await asked).postDataJSON();
    const { trainings } = await ask(page, "trainings", {});
    expect(settings).toMatchObject({ model: "ana/escritora", adapter: trainings[0].result.adapter });
    await expect(page.getByTestId("try-result")).toBeVisible();
    await isSound(page);
    await look(page, "train-try");
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("try-panel")).toHaveCount(0);
  });

  await test.step("merged, it is a model like the others", async () => {
    await page.getByTestId("train-merge").click();
    await page.getByTestId("merge-out").fill(join((await ask(page, "about", {})).home, "junto"));
    await page.getByTestId("merge-run").click();
    const toast = page.getByTestId("toast").filter({ hasText: "junto" });
    await toast.getByText(say("train.list_merged")).click();
    await expect(page.getByTestId("toast").filter({ hasText: "local/" })).toBeVisible();
    await expect(page.getByTestId("train-model").locator("option")).toHaveCount(3);
  });

  await test.step("the history outlives the page, and tells the command that does the same", async () => {
    await page.reload();
    await page.getByTestId("rail-train").click();
    await expect(row(page)).toHaveCount(1);
    await expect(page.getByTestId("train-command")).toHaveAttribute("title", /^mirante lora start --base-model ana\/escritora --train-file .+ --epochs 4000 --learning-rate 0.01 --eval-steps 10$/);
  });
});

test("a training that is cancelled is resumed where it was cut off", async ({ app: page }) => {
  test.slow();
  await prepare(page);
  await set(page, { epochs: 4000, save_steps: 2 });
  await expect(page.getByTestId("need-steps")).toContainText("12.000");
  await page.getByTestId("train-run").click();
  await expect.poll(() => points(page)).toBeGreaterThan(5);
  await page.getByTestId("train-cancel").click();
  await expect(watch(page)).toHaveAttribute("data-state", "interrupted");
  await expect(page.getByTestId("train-command")).toHaveAttribute("title", /--resume$/);
  await expect(page.getByTestId("train-try")).toHaveCount(0);
  const before = await points(page);
  await look(page, "train-interrupted");

  await page.getByTestId("train-resume").click();
  await expect(watch(page)).toHaveAttribute("data-state", "running");
  await expect.poll(() => points(page)).toBeGreaterThan(before);
  await page.getByTestId("train-keep").click();
  await expect(watch(page)).toHaveAttribute("data-state", "done");
  await expect(row(page)).toHaveCount(1);
  expect((await ask(page, "trainings", {})).trainings[0].result.steps).toBeGreaterThan(before);
});

test("what does not fit says so before it starts, and what would fit is taken at a press", async ({ app: page }) => {
  await prepare(page);
  const fits = page.getByTestId("need-memory");
  const estimate = async () => (await ask(page, "jobs", { limit: 50 })).jobs.find((job) => job.operation === "estimate_training" && job.state === "done").response;
  await expect(fits).toBeVisible();
  const { memory } = await estimate();
  await ask(page, "save_settings", { ...(await ask(page, "settings", {})), memory_limit: memory - 1 });
  // Settings that change what is asked, but not what it takes.
  await set(page, { seed: 7 });
  await expect(page.getByTestId("train-unfit")).toBeVisible();
  await expect(page.getByTestId("train-run")).toBeDisabled();
  await expect(page.getByTestId("train-why")).toHaveText(say("train.missing.room"));
  const { would_fit } = await estimate();
  await isSound(page);
  await look(page, "train-unfit");
  await page.getByTestId("train-take").click();
  await expect(page.getByTestId("train-unfit")).toHaveCount(0);
  await expect(page.getByTestId("train-run")).toBeEnabled();
  await expect(page.getByTestId("train-gradient_checkpointing")).toBeChecked({ checked: would_fit.gradient_checkpointing });
  await expect(page.getByTestId("train-max_length")).toHaveValue(String(would_fit.max_length));

  await test.step("a file that holds no examples says which line is wrong", async () => {
    await page.getByTestId("from-file").click();
    await expect(page.getByTestId("train-why")).toHaveText(say("train.missing.data"));
    const asked = page.waitForEvent("filechooser");
    await page.getByTestId("train-file").click();
    await (await asked).setFiles(save("torto.jsonl", '{"prompt": "a", "reply": "b"}\nnada\n'));
    await expect(page.getByTestId("train-file-name")).toHaveText("torto.jsonl");
    await expect(page.getByTestId("estimate-error")).toContainText(/linha 2/);
    await expect(page.getByTestId("train-run")).toBeDisabled();
  });
});

/** Comments with their classes, one of them without a class. */
function comments(count) {
  const of = { elogio: "gostei muito, veio bem e no prazo", reclamacao: "veio quebrado e o prazo passou" };
  const rows = Array.from({ length: count }, (_, i) => {
    const classe = i % 2 === 0 ? "elogio" : "reclamacao";
    return [`${of[classe]} ${i % 7}`, classe];
  });
  return Buffer.from(written([["comentario", "classe"], ...rows, ["sem classe", ""]]));
}

test("classes are taught out of a table, in seconds and by a transformer, and used", async ({ app: page }) => {
  test.slow();
  await preview(page, "Comentarios.csv", comments(60));
  await page.getByTestId("import-only").click();
  await expect(page.getByTestId("row-total")).toHaveText("61 linhas");
  await page.keyboard.press("5");
  await page.getByTestId("teach-classify").check();
  await expect(page.getByTestId("train-label")).toHaveValue("classe");
  await expect(page.getByTestId("how-linear")).toBeChecked();
  await expect(page.getByTestId("train-model")).toHaveCount(0);
  await isSound(page);
  await look(page, "classify-ready");

  await test.step("in seconds, the figures at once", async () => {
    await page.getByTestId("train-run").click();
    const result = page.getByTestId("linear-result");
    await expect(result.getByTestId("figure-macro_f1").locator("b")).toHaveText("1,000");
    await expect(result).toContainText("Linhas sem classe, que ficaram de fora: 1.");
    await expect(page.getByTestId("labels").locator("tbody tr")).toHaveCount(2);
    await expect(page.getByTestId("confusion").locator("tbody td")).toHaveText(["6", "0", "0", "6"]);
    await expect(page.getByTestId("linear-command")).toHaveAttribute("title", /^mirante classifier train --csv .+Comentarios.*\.csv --label-col classe$/);
    await isSound(page);
    await look(page, "classify-linear");
    await page.getByTestId("linear-try").click();
    await page.getByTestId("try-text").fill("veio quebrado");
    await page.getByTestId("try-text").press("Control+Enter");
    await expect(page.getByTestId("try-result")).toContainText("reclamacao");
    await page.keyboard.press("Escape");
  });

  await test.step("by a transformer: what it would need follows the settings", async () => {
    await page.getByTestId("how-transformer").check();
    await expect(page.getByTestId("train-model")).toHaveValue("ana/leitora");
    // 54 texts, 16 a step, 3 epochs.
    await expect(page.getByTestId("need-steps").locator("dd").first()).toContainText("12");
    await expect(page.getByTestId("need-examples")).toContainText("54 exemplos para treinar · 6 para avaliar");
    await page.getByTestId("preset-quick").check();
    await expect(page.getByTestId("need-steps").locator("dd").first()).toContainText("4");
    await page.getByTestId("preset-small").check();
    await set(page, { epochs: 60, learning_rate: 0.01 });
    await expect(page.getByTestId("preset-small")).not.toBeChecked();
    await expect(page.getByTestId("need-steps").locator("dd").first()).toContainText("240");
    await isSound(page);
    await look(page, "classify-plan");
  });

  await test.step("its figures by kind, by class and over the steps", async () => {
    await page.getByTestId("train-run").click();
    await expect(watch(page)).toHaveAttribute("data-state", "done", { timeout: 60_000 });
    await expect(page.getByTestId("figure-held")).toContainText(say("train.scores.macro_f1"));
    const { trainings } = await ask(page, "trainings", {});
    const { figures, labels } = trainings[0].result;
    expect(figures.macro_f1).toBeGreaterThan(0.9);
    await expect(row(page)).toContainText(figures.macro_f1.toFixed(3).replace(".", ","));
    await expect(watch(page).getByTestId("labels").locator("tbody tr")).toHaveCount(labels.length);
    await expect(watch(page).getByTestId("confusion")).toBeVisible();
    await page.getByTestId("curve-measure").selectOption("score");
    await expect(page.getByTestId("curve")).toHaveAttribute("data-points", "60");
    await isSound(page);
    await look(page, "classify-done");
  });

  await test.step("it is used, its card and its command are told", async () => {
    await expect(page.getByTestId("train-command")).toHaveAttribute("title", /^mirante classifier train --kind transformer --csv .+ --label-col classe --validation-split 0.1 --model-name ana\/leitora --freeze-embeddings --num-epochs 60 --learning-rate 0.01 --batch-size 4 --gradient-accumulation 4 --max-length 128 --gradient-checkpointing$/);
    const asked = page.waitForResponse("**/api/model_card");
    await page.getByTestId("train-does").getByTestId("train-card").click();
    expect((await (await asked).json()).text).toContain("macro_f1");
    const usual = page.getByTestId("train-usual");
    await usual.click();
    await expect(usual).toHaveAttribute("aria-pressed", "true");
    await expect(usual).toHaveText(/Em uso para|In use for/);
    await page.getByTestId("toast").getByRole("button", { name: /^(Desfazer|Undo)$/ }).click();
    await expect(usual).toHaveAttribute("aria-pressed", "false");
    await page.getByTestId("train-try").click();
    await page.getByTestId("try-text").fill("veio quebrado e o prazo passou");
    await page.getByTestId("try-text").press("Control+Enter");
    await expect(page.getByTestId("try-result")).toContainText("reclamacao");
    await look(page, "classify-try");
  });
});
