/** All of it without a mouse. */
import { brazilian, complaints } from "../shared/tables.mjs";
import { cells, expect, preview, settled, test } from "./mirante.mjs";

/** Presses Tab until something has the focus. */
async function tabTo(page, locator, most = 60) {
  for (let i = 0; i < most; i += 1) {
    if (await locator.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${most} times Tab do not reach ${locator}`);
}

async function command(page, words) {
  await page.keyboard.press("Control+k");
  await expect(page.getByTestId("palette-input")).toBeFocused();
  await page.keyboard.type(words);
  await expect(page.getByTestId("palette").getByRole("option").first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("palette")).toBeHidden();
}

test("from the sample to a named segment by keyboard alone", async ({ app: page }) => {
  await test.step("the sample, from the first screen", async () => {
    await tabTo(page, page.getByTestId("try-sample"));
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("row-total")).toHaveText("600 linhas");
  });

  await test.step("segmenting, from the palette", async () => {
    await command(page, "segmentar");
    await expect(page.getByTestId("segment-item")).toHaveCount(8);
  });

  await test.step("the cheat sheet names the keys of this view, and Esc closes it", async () => {
    await page.keyboard.press("?");
    const sheet = page.getByTestId("key-sheet");
    await expect(sheet).toContainText("Ver a tabela no lugar do mapa");
    await expect(sheet).toContainText("No mapa");
    await page.keyboard.press("Escape");
    await expect(sheet).toBeHidden();
  });

  await test.step("the table in the map's place, a row marked there", async () => {
    await page.keyboard.press("t");
    const grid = page.getByTestId("grid");
    await tabTo(page, grid);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+ArrowDown");
    await expect(page.getByTestId("selection-count")).toHaveText("2 linhas selecionadas");
    await page.keyboard.press("Control+End");
    await expect(grid.locator('[aria-rowindex="601"]')).toBeVisible();
    await expect(page.getByTestId("row-details")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("selection-bar")).toBeHidden();
  });

  await test.step("the list: along it, choose, name", async () => {
    const items = page.getByTestId("segment-item");
    await page.keyboard.press("Shift+Tab");
    await tabBackTo(page, items.first());
    await page.keyboard.press("ArrowDown");
    await expect(items.nth(1)).toBeFocused();
    await page.keyboard.press("Space");
    await expect(items.nth(1)).toHaveAttribute("aria-selected", "true");
    await expect(page.getByTestId("selection-bar")).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("segment-name-input")).toBeFocused();
    await page.keyboard.type("Pelo teclado");
    await page.keyboard.press("Enter");
    await expect(items.nth(1)).toContainText("Pelo teclado");
    await expect(items.nth(1)).toBeFocused();
    await page.keyboard.press("Escape");
  });

  await test.step("the map: pan, zoom, whole", async () => {
    await page.keyboard.press("m");
    const map = page.getByTestId("map");
    await tabTo(page, map);
    await settled(page);
    const letter = map.locator(".letter").first();
    const before = await letter.boundingBox();
    await page.keyboard.press("ArrowRight");
    await expect.poll(async () => (await letter.boundingBox()).x).not.toBe(before.x);
    await page.keyboard.press("0");
    await expect.poll(async () => (await letter.boundingBox()).x).toBeCloseTo(before.x, 0);
  });

  await test.step("theme, views and tray", async () => {
    await command(page, "tema escuro");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.keyboard.press("1");
    await expect(page.getByTestId("row-total")).toBeVisible();
    await page.keyboard.press("7");
    await expect(page.getByTestId("settings-theme")).toHaveValue("dark");
    await page.keyboard.press("j");
    await expect(page.getByTestId("job-history")).toContainText("Segmentação");
  });
});

test("a key pressed right after Esc is not lost", async ({ app: page }) => {
  await page.getByTestId("try-sample").click();
  await expect(page.getByTestId("row-total")).toHaveText("600 linhas");
  for (let i = 0; i < 5; i += 1) {
    await page.keyboard.press("Control+e");
    await expect(page.getByTestId("export-dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(page.getByTestId("key-sheet")).toBeVisible();
    // The browser's late news of the first dialog has come.
    await settled(page);
    await expect(page.getByTestId("key-sheet")).toBeVisible();
    await expect(page.getByTestId("export-dialog")).toBeHidden();
    await page.keyboard.press("Escape");
  }
});

async function tabBackTo(page, locator, most = 60) {
  for (let i = 0; i < most; i += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Shift+Tab");
  }
  throw new Error(`${most} times Shift+Tab do not reach ${locator}`);
}

test("the focus is seen wherever it goes", async ({ app: page }) => {
  for (let i = 0; i < 12; i += 1) {
    await page.keyboard.press("Tab");
    const look = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return { name: document.activeElement.outerHTML.slice(0, 120), width: parseFloat(style.outlineWidth), line: style.outlineStyle };
    });
    if (look.name.startsWith("<body")) continue;
    expect(look.line, look.name).not.toBe("none");
    expect(look.width, look.name).toBeGreaterThanOrEqual(2);
  }
});

test("Esc closes what is open, the nearest first, and Enter opens what is folded", async ({ app: page }) => {
  await test.step("a preview: left by Esc, taken by Ctrl+Enter", async () => {
    await preview(page, "Agosto.csv", brazilian(complaints(240)));
    await expect(page.getByTestId("import-segment")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("drop-zone")).toBeVisible();
    await preview(page, "Agosto.csv", brazilian(complaints(240)));
    await expect(page.getByTestId("import-segment")).toBeEnabled();
    await page.keyboard.press("Control+Enter");
    await expect(page.getByTestId("segment-item")).toHaveCount(8);
  });

  await test.step("a panel that floats, wherever in it the focus is; what is chosen stays", async () => {
    await page.getByTestId("segment-item").first().focus();
    await page.keyboard.press("Space");
    await expect(page.getByTestId("selection-bar")).toBeVisible();
    await page.getByTestId("advanced").focus();
    await page.keyboard.press("Enter");
    const panel = page.getByRole("dialog");
    await expect(panel).toBeVisible();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    await expect(panel).toBeHidden();
    await expect(page.getByTestId("advanced")).toBeFocused();
    await expect(page.getByTestId("selection-bar")).toBeVisible();
    // Leaving it by Tab closes it too.
    await page.keyboard.press("Enter");
    await expect(panel).toBeVisible();
    await panel.getByRole("checkbox").focus();
    await page.keyboard.press("Tab");
    await expect(panel).toBeHidden();
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("selection-bar")).toBeHidden();
  });

  await test.step("the jobs", async () => {
    await page.keyboard.press("j");
    await expect(page.getByTestId("job-history")).toBeVisible();
    await page.getByTestId("tray-toggle").focus();
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("job-history")).toBeHidden();
  });

  await test.step("the folded inspector, from a row; a column as wide as one likes", async () => {
    await page.keyboard.press("1");
    const grid = page.getByTestId("grid");
    await page.keyboard.press("i");
    await expect(page.getByTestId("inspector")).toBeHidden();
    await expect(cells(grid, 1).first()).toHaveText("P-000002");
    await grid.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("row-details")).toBeVisible();
    const width = async () => (await cells(grid, 1).first().boundingBox()).width;
    const before = await width();
    await page.keyboard.press(">");
    await page.keyboard.press(">");
    await expect.poll(width).toBeCloseTo(before + 48, 0);
    await page.keyboard.press("<");
    await expect.poll(width).toBeCloseTo(before + 24, 0);
  });
});

test("every control has a name to be called by", async ({ app: page }) => {
  await page.getByTestId("try-sample").click();
  await expect(page.getByTestId("row-total")).toHaveText("600 linhas");
  await page.getByTestId("segment-button").click();
  await expect(page.getByTestId("map-note")).toHaveText("600 linhas");
  for (const pane of ["map", "table", "sizes", "suggest"]) {
    await page.getByTestId(`pane-${pane}`).click();
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("button, a[href], input, select, [role=button], [role=tab], [role=application], [role=grid]")]
        .filter((one) => one.checkVisibility())
        .filter((one) => !(one.getAttribute("aria-label") || one.labels?.length || one.textContent.trim()))
        .map((one) => one.outerHTML.slice(0, 120)),
    );
    expect(nameless, pane).toEqual([]);
  }
});
