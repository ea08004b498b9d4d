/** A walk past every main screen, for whoever wants to look at them all. */
import { brazilian, complaints, save } from "./tables.mjs";
import { drop, settled } from "./hands.mjs";

const dismiss = async (page, testid) => {
  await page.keyboard.press("Escape");
  await page.getByTestId(testid).waitFor({ state: "detached" });
};
const shown = (page, testid) => page.getByTestId(testid).first().waitFor();

/** Puts the screens before `look(name)`, one after the other, from the first run on. */
export async function tour(page, look) {
  await shown(page, "drop-zone");
  await look("first-run");

  await drop(page, save("vazio.csv", ""));
  await shown(page, "import-error");
  await look("error");

  const lines = brazilian(complaints(240)).toString("latin1").split("\r\n");
  lines[5] += ";a mais";
  await drop(page, save("Reclamações de agosto.csv", Buffer.from(lines.join("\r\n"), "latin1")));
  await shown(page, "preview-grid");
  await look("preview");
  await page.getByTestId("import-only").click();
  await page.getByTestId("issues-button").click();
  await shown(page, "issues-panel");
  await page.getByTestId("issues-panel").locator("tbody tr").first().waitFor();
  await look("issues");
  // Back to the first screen.
  await page.reload();

  await page.getByTestId("try-sample").click();
  await shown(page, "row-total");
  await page.getByTestId("grid").locator("[role=gridcell]").first().waitFor();
  await look("data");

  await page.getByTestId("grid").locator("[role=gridcell]").nth(2).click();
  await shown(page, "row-details");
  await page.locator("[data-testid^=filter-]").first().click();
  await page.getByRole("dialog").waitFor();
  await look("row-and-filter");
  await page.keyboard.press("Escape");

  await page.getByTestId("dataset-menu").click();
  await page.getByRole("dialog").locator("li button").nth(1).click();
  await shown(page, "confirm-remove");
  await look("confirm");
  await dismiss(page, "confirm-remove");

  await page.getByTestId("segment-button").click();
  await shown(page, "segment-item");
  await page.getByTestId("map").locator(".letter").first().waitFor();
  await settled(page);
  await look("segments");

  await page.getByTestId("segment-item").nth(1).locator(".terms").click();
  await shown(page, "selection-bar");
  await page.getByTestId("map-note").filter({ hasText: /\d\D+\d/ }).waitFor();
  await settled(page);
  await look("segment");

  await page.getByTestId("pane-table").click();
  await shown(page, "grid");
  await look("table");
  await page.getByTestId("selection-clear").click();

  await page.getByTestId("pane-sizes").click();
  await shown(page, "sizes-chart");
  await look("sizes");

  await page.getByTestId("pane-suggest").click();
  await page.locator("[data-testid=suggest-k] input").nth(1).fill("8");
  await page.getByTestId("suggest-run").click();
  await shown(page, "suggest-advice");
  await look("suggest");
  await page.getByTestId("advanced").click();
  await page.getByRole("dialog").waitFor();
  await look("advanced");
  await page.keyboard.press("Escape");
  await page.getByTestId("pane-map").click();

  await page.getByTestId("rail-search").click();
  await shown(page, "make-index");
  await look("make-searchable");
  await page.getByTestId("make-index").click();
  await shown(page, "search-idle");
  await page.getByTestId("query").fill("boleto do cliente");
  await shown(page, "result");
  await look("search");
  await page.getByTestId("index-menu").click();
  await page.getByTestId("index-remove").click();
  await shown(page, "confirm-remove-index");
  await look("remove-index");
  await dismiss(page, "confirm-remove-index");
  await page.getByTestId("result-pick").nth(1).check();
  await page.getByTestId("result-like").nth(1).click();
  await shown(page, "like-chip");
  await page.getByTestId("filter-build").click();
  await shown(page, "filter-builder");
  await look("search-like");
  await page.keyboard.press("Escape");
  await page.getByTestId("filter-text").fill("nixo = 'Varejo'");
  await shown(page, "filter-error");
  await look("search-filter-error");
  await page.getByTestId("filter-text").fill("nicho = 'Nenhum'");
  await shown(page, "search-none");
  await look("search-none");
  await page.getByTestId("filter-clear").click();
  await page.getByTestId("selection-clear").click();
  await page.getByTestId("rail-segments").click();

  await page.getByTestId("export-button").click();
  await shown(page, "export-dialog");
  await look("export");
  await dismiss(page, "export-dialog");

  await page.keyboard.press("Control+k");
  await shown(page, "palette");
  await look("palette");
  await dismiss(page, "palette");

  await page.keyboard.press("?");
  await shown(page, "key-sheet");
  await look("keys");
  await dismiss(page, "key-sheet");

  await page.getByTestId("tray-toggle").click();
  await shown(page, "job-history");
  await look("jobs");
  await page.getByTestId("tray-toggle").click();

  await page.getByTestId("rail-models").click();
  await page.getByTestId("model-row").first().waitFor();
  await look("models");

  await page.getByTestId("rail-train").click();
  await shown(page, "train-form");
  await page.getByTestId("train-advanced").locator("summary").click();
  await look("train");

  await page.getByTestId("rail-review").click();
  await shown(page, "review-field-valor");
  await look("review");
  await page.getByTestId("review-from-text").check();
  await page.getByTestId("review-pasted").fill("Dá-se à causa o valor de R$ 10,00, e à autora R$ 7,00.");
  await page.getByTestId("review-search").click();
  await shown(page, "review-text");
  await page.keyboard.press("a");
  await look("judging");

  await page.getByTestId("rail-settings").click();
  await page.getByTestId("settings-theme").waitFor();
  await page.locator("dl.tabular").first().waitFor();
  await look("settings");
}
