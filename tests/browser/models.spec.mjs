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
  await expect(app.getByTestId("model-row")).toHaveCount(4);
  const row = app.locator(`[data-testid=model-row][data-model="${NAME}"]`);

  await test.step("fetched, with its progress in sight", async () => {
    await app.getByTestId("model-name").fill(` ${NAME} `);
    await app.keyboard.press("Enter");
    await expect(row.getByTestId("model-job-progress")).toContainText("%");
    await expect(row).toContainText("Nesta máquina");
    await expect(app.getByTestId("model-row")).toHaveCount(5);
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
