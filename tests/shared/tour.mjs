/** A walk past every main screen, for whoever wants to look at them all. */
import { brazilian, complaints, save } from "./tables.mjs";
import { drop } from "./hands.mjs";

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

  await drop(page, save("Reclamações de agosto.csv", brazilian(complaints(240))));
  await shown(page, "preview-grid");
  await look("preview");
  await page.locator("[data-testid=import-panel] header button").first().click();

  await page.getByTestId("try-sample").click();
  await shown(page, "row-total");
  await page.getByTestId("grid").locator("[role=gridcell]").first().waitFor();
  await look("data");

  await page.getByTestId("segment-button").click();
  await shown(page, "segment-item");
  await shown(page, "map");
  await page.waitForTimeout(400);
  await look("segments");

  await page.getByTestId("segment-item").nth(1).locator(".terms").click();
  await shown(page, "selection-bar");
  await page.waitForTimeout(600);
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
  await page.getByTestId("pane-map").click();

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

  await page.getByTestId("rail-settings").click();
  await page.getByTestId("settings-theme").waitFor();
  await page.locator("dl.tabular").first().waitFor();
  await look("settings");
}
