/** Models in the window: fetched, shown, checked, used and removed. */
import { join } from "node:path";
import { Hub } from "../shared/hub.mjs";
import { ROOT } from "../shared/place.mjs";
import { ask, expect, test as base } from "./mirante.mjs";

const test = base.extend({
  hub: async ({}, use) => {
    const hub = await new Hub(join(ROOT, "tests/goldens/transformers/bert")).start();
    await use(hub);
    hub.close();
  },
  server: async ({ server, hub }, use) => {
    await server.kill();
    // Caches of whoever runs this must not be seen.
    server.env = { HF_ENDPOINT: hub.address, HF_HOME: join(server.home, "none"), HF_HUB_CACHE: "", HF_TOKEN: "", HF_HUB_OFFLINE: "" };
    await server.start();
    await use(server);
  },
});

const NAME = "ana/frases";

test("a model is fetched by its name, checked, used and removed", async ({ app, hub }) => {
  hub.pause = 60;
  await app.getByTestId("rail-models").click();
  const known = (await ask(app, "models", {})).models.length;
  await expect(app.getByTestId("model-row")).toHaveCount(known);
  const row = app.locator(`[data-testid=model-row][data-model="${NAME}"]`);

  await test.step("fetched, with its progress in sight", async () => {
    await app.getByTestId("model-name").fill(` ${NAME} `);
    await app.keyboard.press("Enter");
    await expect(row.getByTestId("model-job-progress")).toContainText("%");
    await expect(row).toContainText("Nesta máquina");
    await expect(app.getByTestId("model-row")).toHaveCount(known + 1);
    await expect(app.getByTestId("model-name")).toHaveValue("");
  });

  await test.step("checked", async () => {
    await app.getByRole("button", { name: `Conferir os arquivos de ${NAME}` }).click();
    await expect(app.getByText("arquivos estão inteiros")).toBeVisible();
  });

  await test.step("used", async () => {
    const { embeddings, space, ran_on } = await ask(app, "embed", { texts: ["prazo"], settings: { model: NAME } });
    expect(embeddings[0]).toHaveLength(32);
    expect([space.model, ran_on.device]).toEqual([NAME, "cpu"]);
  });

  await test.step("removed, but not by chance", async () => {
    await row.getByTestId("model-remove").click();
    await app.keyboard.press("Escape");
    await expect(row).toContainText("Nesta máquina");
    await row.getByTestId("model-remove").click();
    await app.getByTestId("confirm-yes").click();
    await expect(row).toHaveCount(0);
  });
});

test("a fetch that is cancelled leaves no model, and a wrong name says so", async ({ app, hub }) => {
  hub.pause = 200;
  await app.getByTestId("rail-models").click();
  const row = app.locator(`[data-testid=model-row][data-model="${NAME}"]`);
  await app.getByTestId("model-name").fill(NAME);
  await app.getByTestId("model-fetch").click();
  await expect(row.getByTestId("model-job-progress")).toContainText("%");
  await row.getByTestId("model-job-cancel").click();
  await expect(row).toHaveCount(0);

  await app.getByTestId("model-name").fill("ana/nenhuma");
  await app.getByTestId("model-fetch").click();
  await expect(app.getByText("O servidor não tem o modelo ana/nenhuma.")).toBeVisible();
});

test("models go by task and are found by words; what a licence forbids is told; offline nothing is fetched", async ({ app }) => {
  await app.getByTestId("rail-models").click();
  const { models } = await ask(app, "models", {});
  const groups = app.getByTestId("model-group");
  expect(await groups.evaluateAll((all) => all.map((one) => one.dataset.task))).toEqual(["embed", "classify", "tag", "answer", "summarize", "generate"]);
  for (const group of await groups.all()) {
    const task = await group.getAttribute("data-task");
    await expect(group.getByTestId("model-row")).toHaveCount(models.filter((model) => model.task === task).length);
  }
  const row = (id) => app.getByTestId("model-row").filter({ hasText: id });
  await expect(row("mt5-xlsum")).toContainText("não comercial");
  await expect(row("flan-t5-small")).not.toContainText("não comercial");
  await expect(row("ner-lenerbr")).toContainText("licença não informada");

  await app.getByTestId("model-task").selectOption("tag");
  await expect(groups).toHaveCount(1);
  await expect(groups.first()).toContainText("ner-lenerbr");
  await app.getByTestId("model-filter").fill("PORTUGUES");
  await expect(app.getByTestId("model-row")).toHaveCount(1);
  await app.getByTestId("model-filter").fill("nada assim");
  await expect(app.getByTestId("models-none")).toContainText("nada assim");
  await app.getByTestId("models-none").getByRole("button").click();
  await expect(app.getByTestId("model-row")).toHaveCount(models.length);

  await app.getByTestId("rail-settings").click();
  const kept = app.waitForResponse("**/api/save_settings");
  await app.getByRole("checkbox", { name: "Sem rede" }).check();
  await kept;
  await app.getByTestId("rail-models").click();
  await expect(app.getByTestId("models-offline")).toBeVisible();
  for (const button of await app.getByTestId("model-pull").all()) await expect(button).toBeDisabled();
  await expect(app.getByTestId("model-pull").first()).toHaveAttribute("title", /modo offline/);
  await app.getByTestId("model-name").fill(NAME);
  await expect(app.getByTestId("model-fetch")).toBeDisabled();
});
