/** Answers judged where they stand: a search in a zip, every verdict by keyboard, and what comes of it. */
import { join } from "node:path";
import { placeModel } from "../shared/models.mjs";
import { Server } from "../shared/serve.mjs";
import { folder, save } from "../shared/tables.mjs";
import { say } from "../shared/words.mjs";
import { zipped } from "../shared/zip.mjs";
import { ask, download, drop, expect, test as base } from "./mirante.mjs";
import { isSound, look } from "./sight.mjs";

const test = base.extend({
  server: async ({}, use) => {
    const server = new Server();
    // Caches of whoever runs this must not be seen.
    server.env = { HF_HOME: join(server.home, "none"), HF_HUB_CACHE: "", HF_HUB_OFFLINE: "1" };
    await server.start();
    await use(server);
    await server.close();
  },
});

/** A decision with amounts, emoji before them, and another amount far below. */
const DECISION = [
  "PODER JUDICIÁRIO",
  "Decisão 😀 nos autos 0001327-64.2018.8.26.0158",
  "",
  "Trata-se de ação em que a autora pede a devolução do que pagou. Dá-se à causa o valor de R$ 12.345,67.",
  "",
  ...Array.from({ length: 60 }, (_, i) => `${i + 1}. Considerando o que consta dos autos e o parecer juntado, nada há que prover quanto a este ponto, pelas razões já expostas.`),
  "",
  "Ante o exposto, condeno a ré a pagar R$ 1.000,00 por mês, em doze parcelas.",
].join("\n");
const LETTER = "<html><body><h1>Ofício 12</h1><p>Informo que a taxa de R$ 5,00 foi dispensada.</p><p>Não há valor a pagar.</p></body></html>";

const zip = () => save("processo 1.zip", zipped({ "Decisão.txt": DECISION, "anexos/Ofício.html": LETTER, "foto.png": "\x89PNG" }));

const text = (page) => page.getByTestId("review-text");
const marked = (page, kind) => text(page).locator(`mark[data-kind=${kind}]`);
const active = (page) => page.locator("[data-testid=review-candidate][aria-selected=true]");
const judged = (page) => page.getByTestId("review-progress").getAttribute("data-judged").then(Number);

/** Searches an archive for amounts, by rules alone. */
async function searchAmounts(page, path) {
  await drop(page, path);
  await expect(page.getByTestId("review-file-name")).toHaveText("processo 1.zip");
  await page.getByTestId("review-no-field").click();
  await page.getByTestId("review-field-valor").click();
  await page.getByTestId("review-search").click();
  await expect(text(page)).toBeVisible();
}

/** Selects a text of the document by hand. */
async function selectText(page, wanted) {
  const box = await text(page).evaluate((body, words) => {
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const at = node.data.indexOf(words);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      range.startContainer.parentElement.scrollIntoView({ block: "nearest" });
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return { left, right, y: (top + bottom) / 2 };
    }
    return null;
  }, wanted);
  await page.mouse.move(box.left + 1, box.y);
  await page.mouse.down();
  await page.mouse.move(box.right - 1, box.y, { steps: 5 });
  await page.mouse.up();
}

test("what rules found is judged by keyboard, outlives a crash, and becomes examples", async ({ app: page, server }) => {
  test.slow();
  await page.keyboard.press("6");
  await expect(page.getByTestId("review-view")).toBeVisible();
  await expect(page.getByTestId("review-why")).toHaveText(say("review.missing.zip"));
  await expect(page.getByTestId("review-no-model")).toContainText(say("review.no_model_rules"));
  await expect(page.getByTestId("review-search")).toBeDisabled();
  await isSound(page);
  await look(page, "review-form");

  const path = zip();
  await searchAmounts(page, path);

  await test.step("a candidate stands marked in its document, in sight", async () => {
    await expect(page.getByTestId("review-list")).toHaveAttribute("data-count", "3");
    await expect(marked(page, "candidate")).toHaveText("R$ 12.345,67");
    await expect(marked(page, "candidate")).toBeInViewport();
    await expect(page.getByTestId("review-progress")).toContainText("0 de 3 julgados");
    await expect(marked(page, "other")).toHaveText("R$ 1.000,00");
    await expect(text(page)).toHaveText(DECISION, { useInnerText: true });
    await expect(page.getByTestId("review-refused")).toContainText("1 não lido");
    await page.keyboard.press("j");
    await expect(marked(page, "candidate")).toHaveText("R$ 1.000,00");
    await expect(marked(page, "candidate")).toBeInViewport();
    await page.keyboard.press("k");
    await expect(marked(page, "candidate")).toHaveText("R$ 12.345,67");
    await isSound(page);
    await look(page, "review-open");
    await page.keyboard.press("?");
    await expect(page.getByTestId("key-sheet")).toContainText(say("keys.review_absent"));
    await look(page, "review-keys");
    await page.keyboard.press("Escape");
  });

  await test.step("accepted by a letter, the next one comes", async () => {
    await page.keyboard.press("a");
    await expect.poll(() => judged(page)).toBe(1);
    await expect(marked(page, "candidate")).toHaveText("R$ 1.000,00");
  });

  await test.step("corrected by what is selected", async () => {
    await selectText(page, " por mês");
    await page.keyboard.press("c");
    await expect(page.getByTestId("review-right")).toBeFocused();
    await expect(page.getByTestId("review-right")).toHaveValue("por mês");
    await page.getByTestId("review-right").fill("nunca escrito");
    await expect(page.getByTestId("review-right-told")).toHaveText(say("review.not_there"));
    await expect(page.getByTestId("review-keep")).toBeDisabled();
    await page.getByTestId("review-right").fill("R$ 1.000,00 por mês");
    await expect(marked(page, "answer")).toHaveText("R$ 1.000,00 por mês");
    await isSound(page);
    await look(page, "review-correct");
    await page.keyboard.press("Enter");
    await expect.poll(() => judged(page)).toBe(2);
  });

  await test.step("rejected, taken back, and said to have no answer", async () => {
    await expect(marked(page, "candidate")).toHaveText("R$ 5,00");
    await page.keyboard.press("r");
    await expect(page.getByTestId("review-verdict")).toHaveText(say("review.verdicts.rejected"));
    await page.keyboard.press("Control+z");
    await expect.poll(() => judged(page)).toBe(2);
    await expect(active(page)).toHaveAttribute("data-verdict", "open");
    await page.keyboard.press("n");
    await expect.poll(() => judged(page)).toBe(3);
    await expect(page.getByTestId("review-whole")).toBeVisible();
    await isSound(page);
    await look(page, "review-whole");
  });

  await test.step("the filters show what is left and what is not", async () => {
    await page.getByTestId("review-open").click();
    await expect(page.getByTestId("review-list-none")).toBeVisible();
    await page.getByTestId("review-judged").click();
    await expect(page.getByTestId("review-list")).toHaveAttribute("data-count", "3");
    await page.getByTestId("review-list-none").waitFor({ state: "detached" });
  });

  await test.step("the examples hold each answer at its place", async () => {
    const { name, bytes } = await download(page, "review-export");
    expect(name).toBe("perguntas-julgadas.jsonl");
    const examples = bytes.toString("utf8").trim().split("\n").map((line) => JSON.parse(line));
    expect(examples.map((one) => one.answers.text)).toEqual([["R$ 12.345,67"], ["R$ 1.000,00 por mês"], []]);
    for (const { context, answers } of examples) {
      for (const [i, answer] of answers.text.entries()) expect([...context].slice(answers.answer_start[i]).join("").startsWith(answer)).toBe(true);
    }
    await expect(page.getByTestId("review-written")).toContainText("mirante qa eval --dataset");
    await look(page, "review-written");
  });

  await test.step("killed and opened again, the same documents show what was said", async () => {
    await server.kill();
    await server.start();
    await page.goto(server.link);
    await page.getByTestId("rail-review").click();
    await expect(page.getByTestId("review-recent").first()).toContainText("processo 1.zip");
    await look(page, "review-recent");
    await searchAmounts(page, path);
    await expect.poll(() => judged(page)).toBe(3);
    await expect(page.getByTestId("review-candidate").first()).toHaveAttribute("data-verdict", "accepted");
    await page.getByTestId("review-candidate").nth(1).click();
    await expect(marked(page, "answer")).toHaveText("R$ 1.000,00 por mês");
  });
});

test("a question of one's own says what is missing, and asks a model once there is one", async ({ app: page, server }) => {
  await page.getByTestId("rail-review").click();
  await page.getByTestId("review-from-text").check();
  await page.getByTestId("review-pasted").fill("O prazo de entrega é de dez dias úteis.");
  await page.getByTestId("review-about-question").check();
  await page.getByTestId("review-question").fill("Qual é o prazo?");
  await expect(page.getByTestId("review-no-model")).toContainText(say("review.no_model_question"));
  await expect(page.getByTestId("review-why")).toHaveText(say("review.missing.model"));
  await expect(page.getByTestId("review-search")).toBeDisabled();

  placeModel(server.home, "ana/respostas", "heads/bert-answer");
  await page.getByTestId("rail-models").click();
  await page.getByTestId("rail-review").click();
  await expect(page.getByTestId("review-model").locator("option")).toHaveCount(2);
  await page.getByTestId("review-model").selectOption("ana/respostas");
  await page.getByTestId("review-question").press("Control+Enter");
  // What a model of random weights says is anything; that it is asked is what counts.
  const outcome = page.getByTestId("review-text").or(page.getByTestId("review-none"));
  await expect(outcome).toBeVisible();
  const { jobs } = await ask(page, "jobs", { limit: 5 });
  expect(jobs.find((job) => job.operation === "ask_qa").response.model).toContain("respostas");
});

test("what cannot be read, or holds nothing, says so and what to do", async ({ app: page }) => {
  await drop(page, save("quebrado.zip", "isto não é um zip"));
  await page.getByTestId("review-search").click();
  await expect(page.getByTestId("review-none")).toContainText(say("refusals.not_zip"));
  await look(page, "review-unread");
  await drop(page, save("vazio.zip", zipped({ "nada.txt": "Nenhum campo aqui." })));
  await page.getByTestId("review-search").click();
  await expect(page.getByTestId("review-none")).toContainText("Nada foi encontrado em 1 documento");
  await isSound(page);
  await look(page, "review-nothing");

  const into = folder();
  await test.step("a document that changed meanwhile is not judged", async () => {
    const path = save("muda.zip", zipped({ "a.txt": "Pago R$ 10,00." }), into);
    await ask(page, "ask_qa?wait=true", { zip: path, fields: ["valor"] });
    save("muda.zip", zipped({ "a.txt": "Outro texto." }), into);
    await page.reload();
    await page.getByTestId("rail-review").click();
    await page.getByTestId("review-recent").first().click();
    await expect(page.getByTestId("review-document-error")).toContainText("a.txt");
    await expect(page.getByTestId("review-accepted")).toBeDisabled();
    await look(page, "review-changed");
    save("muda.zip", zipped({ "a.txt": "Pago R$ 10,00." }), into);
    await page.getByTestId("review-again").click();
    await expect(marked(page, "candidate")).toHaveText("R$ 10,00");
    await expect(page.getByTestId("review-accepted")).toBeEnabled();
  });

  await test.step("and is searched again as it is now", async () => {
    save("muda.zip", zipped({ "a.txt": "Devo R$ 77,00, e pago." }), into);
    await page.reload();
    await page.getByTestId("rail-review").click();
    await page.getByTestId("review-recent").first().click();
    await page.getByTestId("review-search-again").click();
    await expect(marked(page, "candidate")).toHaveText("R$ 77,00");
  });
});

test("a long document and many candidates stay quick", async ({ app: page }) => {
  test.slow();
  const line = "Considerando o que consta dos autos, e o parecer juntado, decide-se o que segue quanto às custas e aos honorários. ";
  const lines = Array.from({ length: 20_000 }, (_, i) => (i % 10 === 0 ? `${line}Paga-se R$ ${i + 1},00.` : line));
  await drop(page, save("longo.zip", zipped({ "longo.txt": lines.join("\n") })));
  await test.step("a search that takes long can be let off", async () => {
    await page.getByTestId("review-search").click();
    await page.getByTestId("review-job-cancel").click();
    await expect(page.getByTestId("review-search")).toBeEnabled();
    await expect(page.getByTestId("review-error")).toHaveCount(0);
  });
  await page.getByTestId("review-no-field").click();
  await page.getByTestId("review-field-valor").click();
  await page.getByTestId("review-search").click();
  await expect(text(page)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId("review-list")).toHaveAttribute("data-count", "2000");
  expect(await page.getByTestId("review-candidate").count()).toBeLessThan(60);

  await test.step("the last of them is there at once, in its place", async () => {
    await page.getByTestId("review-list").focus();
    const began = Date.now();
    await page.keyboard.press("End");
    await expect(marked(page, "candidate")).toHaveText("R$ 19991,00");
    await expect(marked(page, "candidate")).toBeInViewport();
    expect(Date.now() - began).toBeLessThan(1500);
    expect((await text(page).innerText()).length).toBeLessThan(20_000);
    for (let i = 0; i < 20; i += 1) await page.keyboard.press("a");
    await expect.poll(() => judged(page)).toBe(20);
  });

  await test.step("the document goes on where its drawn part ends, without a jump", async () => {
    await page.getByTestId("review-list").focus();
    await page.keyboard.press("Home");
    for (let i = 0; i < 12; i += 1) await page.keyboard.press("PageDown");
    const scroller = page.getByTestId("review-scroller");
    const from = Number(await text(page).getAttribute("data-from"));
    expect(from).toBeGreaterThan(0);
    await scroller.evaluate((element) => (element.scrollTop = 100));
    await expect.poll(async () => Number(await text(page).getAttribute("data-from"))).toBeLessThan(from);
    expect(await scroller.evaluate((element) => element.scrollTop)).toBeGreaterThan(400);
  });
});
