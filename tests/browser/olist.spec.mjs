/** Real shop reviews, as a Brazilian spreadsheet saved them. */
import { readFileSync } from "node:fs";
import { rawRecords, records } from "../shared/csv.mjs";
import { olist } from "../shared/place.mjs";
import { cells, download, drop, expect, segments, test } from "./mirante.mjs";

const FILE = olist();

test("4,109 real reviews are dropped, segmented, named, mapped and exported", async ({ app: page }) => {
  test.skip(FILE === null, "the real reviews are not on this machine");
  test.slow();
  const original = FILE === null ? Buffer.alloc(0) : readFileSync(FILE);

  await test.step("dropped: BOM, semicolon, decimal comma, dates", async () => {
    await drop(page, FILE);
    await expect(page.getByTestId("import-facts")).toContainText("4.109 linhas · 10 colunas");
    for (const [field, value] of [["encoding", "utf-8-bom"], ["delimiter", ";"], ["decimal", ","], ["date_order", "day_first"]]) {
      await expect(page.getByTestId(`import-${field}`)).toHaveValue(value);
    }
    await expect(cells(page.getByTestId("preview-grid"), 0).first()).toHaveText("373cbeecea8286a2b66c97b1b157ec46");
    await page.getByTestId("import-only").click();
    await expect(page.getByTestId("row-total")).toHaveText("4.109 linhas");
  });

  await test.step("segmented by its comment", async () => {
    await page.getByTestId("rail-segments").click();
    await page.getByTestId("text-columns").click();
    await page.getByRole("checkbox", { name: "comentario" }).check();
    await page.keyboard.press("Escape");
    await page.getByTestId("segment-button").click();
    await expect(page.getByTestId("segment-item")).toHaveCount(8);
    await expect(page.getByTestId("inspector")).toContainText("comentario");
  });

  const list = await segments(page);
  expect(list.reduce((sum, one) => sum + one.count, 0)).toBe(4109);

  await test.step("named", async () => {
    for (const place of [0, 1]) {
      await page.getByTestId("segment-item").nth(place).focus();
      await page.keyboard.press("Enter");
      await page.getByTestId("segment-name-input").fill(`Grupo nº ${place + 1}`);
      await page.keyboard.press("Enter");
      await expect(page.getByTestId("segment-name").nth(place)).toHaveText(`Grupo nº ${place + 1}`);
    }
  });

  await test.step("mapped", async () => {
    await expect(page.getByTestId("map")).toBeVisible({ timeout: 120_000 });
    await expect(page.getByTestId("map-note")).toContainText("4.109 linhas");
  });

  await test.step("exported: each record byte for byte, its segment after it", async () => {
    await page.getByTestId("export-button").click();
    const { bytes } = await download(page);
    expect(bytes.subarray(0, 3)).toEqual(original.subarray(0, 3));
    const [was, now] = [records(original.toString("utf8").slice(1), ";"), records(bytes.toString("utf8").slice(1), ";")];
    expect(now).toHaveLength(4110);
    expect(now.map((row) => row.slice(0, -1))).toEqual(was);
    expect(now.filter((row) => row.at(-1) === "Grupo nº 1")).toHaveLength(list[0].count);
    const rawNow = rawRecords(bytes.toString("utf8"));
    for (const [i, record] of rawRecords(original.toString("utf8")).entries()) {
      const kept = record.replace(/\r\n$/, ";");
      expect(rawNow[i].slice(0, kept.length)).toBe(kept);
      expect(rawNow[i].slice(kept.length)).toMatch(/^"?[^;\n]*"?\r\n$/);
    }
  });
});
