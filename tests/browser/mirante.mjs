/** A server and a home of its own for each journey, and what every journey does. */
import { readFileSync } from "node:fs";
import { expect, test as base } from "@playwright/test";
import { drop, settled } from "../shared/hands.mjs";
import { Server } from "../shared/serve.mjs";
import { save } from "../shared/tables.mjs";

export { drop, expect, settled };

export const test = base.extend({
  server: async ({}, use) => {
    const server = await new Server().start();
    await use(server);
    await server.close();
  },
  /** The first screen. A script error anywhere in the journey fails it. */
  app: async ({ page, server }, use) => {
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
    await page.goto(server.link);
    await expect(page.getByTestId("drop-zone")).toBeVisible();
    await use(page);
    expect(errors, "errors in the page").toEqual([]);
  },
});

/** Chooses a file in the system's dialog. */
export async function choose(page, path) {
  const asked = page.waitForEvent("filechooser");
  await page.getByTestId("drop-zone").click();
  await (await asked).setFiles(path);
}

/** Drops bytes under a name and waits for the preview. */
export async function preview(page, name, bytes) {
  const path = save(name, bytes);
  await drop(page, path);
  await expect(page.getByTestId("import-facts")).toContainText("·");
  return path;
}

/** Imports what the preview shows and waits for the segments. */
export async function importAndSegment(page, count = 8) {
  await page.getByTestId("import-segment").click();
  await expect(page.getByTestId("segment-item")).toHaveCount(count);
}

/** Opens the sample and segments it. */
export async function segmentSample(page) {
  await page.getByTestId("try-sample").click();
  await expect(page.getByTestId("row-total")).toHaveText("600 linhas");
  await page.getByTestId("segment-button").click();
  await expect(page.getByTestId("segment-item")).toHaveCount(8);
}

/** The columns of a grid that are on screen. */
export function heads(grid) {
  return grid.getByRole("columnheader");
}

/** The cells on screen of a grid's row, counted from 0. */
export function cells(grid, place) {
  return grid.locator(`[role=row][aria-rowindex="${place + 2}"] [role=gridcell]`);
}

/** How many rows a grid holds, on screen or not. */
export async function rowCount(grid) {
  return Number(await grid.getAttribute("aria-rowcount")) - 1;
}

/** The number that a sentence begins with, as pt-BR writes it. */
export async function countOf(locator) {
  return Number((await locator.innerText()).replaceAll(".", "").match(/\d+/)?.[0]);
}

/** Exports as the dialog stands, or with another button, and reads what was downloaded. */
export async function download(page, button = "export-go") {
  const coming = page.waitForEvent("download", { timeout: 60_000 });
  await page.getByTestId(button).click();
  const file = await coming;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** Asks the server as the page does. */
export function ask(page, operation, request) {
  return page.evaluate(
    async ([name, body]) => (await fetch(`/api/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })).json(),
    [operation, request],
  );
}

/** The middle one of an odd number of values. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** The items of the list, as one counts them: id, rows, name. */
export async function segments(page) {
  return page.getByTestId("segment-item").evaluateAll((items) =>
    items.map((item) => ({
      id: Number(item.dataset.segment),
      count: Number(item.querySelector(".top .tabular").textContent.replaceAll(".", "")),
      name: item.querySelector("[data-testid=segment-name]").textContent,
    })),
  );
}
