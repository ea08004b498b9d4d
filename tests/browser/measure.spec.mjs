/** What a model makes of a whole table as vectors, how good it is on judged examples, and examples made of process folders. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placeModels } from "../shared/models.mjs";
import { Server } from "../shared/serve.mjs";
import { save } from "../shared/tables.mjs";
import { say } from "../shared/words.mjs";
import { zipped } from "../shared/zip.mjs";
import { ask, download, expect, test as base } from "./mirante.mjs";
import { isSound, look } from "./sight.mjs";

const test = base.extend({
  server: async ({}, use) => {
    const server = new Server();
    placeModels(server.home);
    // Caches of whoever runs this must not be seen.
    server.env = { HF_HOME: join(server.home, "none"), HF_HUB_CACHE: "", HF_HUB_OFFLINE: "1" };
    await server.start();
    await use(server);
    await server.close();
  },
});

/** Opens a side of a model's panel. */
async function open(page, model, side) {
  await page.getByTestId("rail-models").click();
  await page.locator(`[data-testid=model-row][data-model="${model}"]`).getByTestId("model-try").click();
  await page.getByTestId(`side-${side}`).click();
}

/** Chooses a file by the button of a test id. */
async function pick(page, testid, name, text) {
  const asked = page.waitForEvent("filechooser");
  await page.getByTestId(testid).click();
  await (await asked).setFiles(save(name, Buffer.from(text)));
  await expect(page.getByTestId(`${testid}-name`)).toHaveText(name);
}

const lines = (rows) => rows.map((row) => JSON.stringify(row)).join("\n");
const last = async (page) => (await ask(page, "jobs", { limit: 1 })).jobs[0];

test("a table's vectors are written in the format of one's choice", async ({ app: page }) => {
  await open(page, "ana/vetores", "apply");
  await expect(page.getByTestId("apply-empty")).toBeVisible();
  await page.getByTestId("rail-data").click();
  await page.getByTestId("try-sample").click();
  await expect(page.getByTestId("row-total")).toHaveText("600 linhas");
  await open(page, "ana/vetores", "apply");
  await isSound(page);

  await page.getByTestId("vectors-format").selectOption("npy");
  const { name, bytes } = await download(page, "vectors-run");
  expect(name).toMatch(/\.npy$/);
  const { dimension } = (await last(page)).response.space;
  const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString();
  expect(header).toContain(`'shape': (600, ${dimension})`);
  expect(bytes.length).toBe(10 + header.length + 600 * dimension * 4);
  await expect(page.getByTestId("vectors-result")).toContainText("600 vetores");

  await page.getByTestId("vectors-format").selectOption("jsonl");
  await page.getByTestId("vectors-id").selectOption("nicho");
  const rows = (await download(page, "vectors-run")).bytes.toString().trim().split("\n").map((line) => JSON.parse(line));
  expect(rows).toHaveLength(600);
  expect(rows[0].embedding).toHaveLength(dimension);
  const [wanted] = rows[0].embedding;
  expect(wanted).toBeCloseTo(bytes.readFloatLE(10 + header.length), 5);
  await isSound(page);
  await look(page, "vectors");
});

test("a model's answers are measured as SQuAD does, and every one can be read", async ({ app: page }) => {
  await open(page, "ana/respostas", "measure");
  await expect(page.getByTestId("measure-run")).toBeDisabled();
  const context = "A capital do Ceará é Fortaleza, e a do Piauí é Teresina.";
  await pick(page, "measure-dataset", "perguntas.jsonl", lines([
    { id: "1", question: "Qual a capital do Ceará?", context, answers: { text: ["Fortaleza"], answer_start: [context.indexOf("Fortaleza")] } },
    { id: "2", question: "Qual a capital do Piauí?", context, answers: { text: ["Teresina"], answer_start: [0] } },
    { id: "3", question: "Qual a capital do Acre?", context, answers: { text: [], answer_start: [] } },
    { id: "4", question: "E a do Pará?", context, answers: { text: ["Belém"], answer_start: [3] } },
  ])); // prettier-ignore
  await page.getByTestId("measure-run").click();
  const result = page.getByTestId("measure-result");
  await expect(result).toContainText("SQuAD 2.0");
  const { response } = await last(page);
  const told = (value) => value.toLocaleString("pt-BR", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  for (const part of ["all", "has_answer", "no_answer"]) {
    await expect(page.getByTestId(`measure-${part}`).locator("td")).toHaveText([told(response[part].exact), told(response[part].f1), String(response[part].questions)]);
  }
  await expect(result).toContainText(say("models.measure.moved_one").replace("{n}", "1"));
  await expect(result).toContainText(say("models.measure.left_out_one").replace("{n}", "1"));
  await isSound(page);
  await look(page, "measure-answers");
  const predictions = JSON.parse((await download(page, "measure-predictions")).bytes);
  expect(JSON.stringify(predictions)).toContain("capital do Acre");

  await test.step("what cannot be measured says why", async () => {
    await pick(page, "measure-dataset", "tabela.jsonl", lines([{ a: 1 }]));
    await page.getByTestId("measure-run").click();
    await expect(page.getByTestId("measure-error")).toBeVisible();
    await expect(result).toHaveCount(0);
  });
});

test("how well a model finds is measured on judged queries, by words, by meaning and by both", async ({ app: page }) => {
  await open(page, "ana/vetores", "measure");
  const documents = ["O boleto venceu ontem", "A entrega atrasou de novo", "O aplicativo trava ao abrir"];
  await pick(page, "measure-corpus", "corpus.jsonl", lines(documents.map((text, i) => ({ _id: `d${i}`, title: "", text }))));
  await pick(page, "measure-queries", "queries.jsonl", lines([{ _id: "q0", text: "boleto vencido" }, { _id: "q1", text: "entrega atrasada" }]));
  await pick(page, "measure-qrels", "qrels.tsv", "query-id\tcorpus-id\tscore\nq0\td0\t1\nq1\td1\t1\n");
  for (const mode of ["words", "vector", "hybrid"]) {
    await page.getByTestId("measure-mode").selectOption(mode);
    await page.getByTestId("measure-run").click();
    const result = page.getByTestId("measure-result");
    await expect(result.locator("thead")).toContainText(say(`search_view.modes.${mode}`));
    const { response } = await last(page);
    expect(response.mode).toBe(mode);
    await expect(result.locator("tbody td").first()).toHaveText(response.ndcg_10.toLocaleString("pt-BR", { minimumFractionDigits: 4 }));
    await expect(result).toContainText("2 consultas em 3 documentos");
    if (mode === "words") expect(response.ndcg_10).toBe(1);
  }
  await isSound(page);
  await look(page, "measure-retrieval");
});

test("examples are made of process folders, and become what is learned from", async ({ app: page, server }) => {
  const folder = join(server.home, "processos");
  mkdirSync(folder);
  const text = "PROCESSO Nº 0001234-56.2023.8.26.0100\nAutor: João da Silva, CPF 529.982.247-25.\nValor da causa: R$ 12.345,67.";
  writeFileSync(join(folder, "um.zip"), zipped({ "peca.txt": text }));
  writeFileSync(join(folder, "ruim.zip"), "isto não é um zip");
  await page.keyboard.press("5");
  await page.getByTestId("teach-answer").check();
  await page.getByTestId("answers-processes").check();
  await expect(page.getByTestId("processes-build")).toBeDisabled();
  await page.getByTestId("processes-folder").fill(join(server.home, "nada"));
  await page.getByTestId("processes-build").click();
  await expect(page.getByTestId("processes-error")).toBeVisible();

  await page.getByTestId("processes-folder").fill(`${folder}/`);
  await page.getByTestId("processes-build").click();
  await expect(page.getByTestId("processes-built")).toContainText("1 documento");
  await expect(page.getByTestId("processes-error")).toHaveCount(0);
  const { response } = await last(page);
  const made = readFileSync(response.out, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  await expect(page.getByTestId("processes-built")).toContainText(`${made.length} exemplo`);
  await expect(page.getByTestId("train-file-name")).toHaveText(/^processos .* all\.jsonl$/);
  const amount = made.find(({ answers }) => answers.text[0]?.includes("12.345,67"));
  expect(text.replaceAll("\n", " ")).toContain(amount.answers.text[0]);
  await page.getByTestId("processes-refused").click();
  await expect(page.getByText("ruim.zip")).toBeVisible();
  await expect(page.getByText(say("refusals.not_zip"))).toBeVisible();
  await isSound(page);
  await look(page, "processes");
});
