import { describe, expect, it } from "vitest";
import type { RowsResponse } from "../gen/operations";
import { edges, filling, fittingWidth, seenColumns } from "../shared/gridlayout";
import { marked } from "../shared/mark";
import { RowPages } from "../shared/rowpages";
import { contentHeight, isScaled, lastTop, SAFE_HEIGHT, scrollTopFor, topRowAt, topRowShowing } from "../shared/rowscroll";

const million = { rows: 1_000_000, rowHeight: 28, viewport: 560 };
const few = { rows: 1000, rowHeight: 28, viewport: 560 };

describe("scrolling", () => {
  it("never makes a page taller than browsers can", () => {
    expect(contentHeight({ ...million, rows: 2_000_000_000 })).toBe(SAFE_HEIGHT);
    expect(isScaled(few)).toBe(false);
    expect(isScaled(million)).toBe(true);
  });

  it("reaches the first and the last row", () => {
    for (const extent of [few, million]) {
      expect(topRowAt(0, extent)).toBe(0);
      expect(topRowAt(contentHeight(extent) - extent.viewport, extent)).toBeCloseTo(lastTop(extent), 6);
      expect(lastTop(extent) + extent.viewport / extent.rowHeight).toBeCloseTo(extent.rows, 6);
    }
  });

  it("goes back and forth between rows and pixels", () => {
    for (const extent of [few, million]) {
      for (const row of [0, 1, 17.5, 500, 979]) expect(topRowAt(scrollTopFor(row, extent), extent)).toBeCloseTo(row, 6);
    }
  });

  it("moves as little as shows a row whole", () => {
    expect(topRowShowing(5, 10, few)).toBe(5);
    expect(topRowShowing(12, 10, few)).toBe(10);
    expect(topRowShowing(30, 10, few)).toBe(11);
    expect(topRowShowing(999, 10, few)).toBe(980);
  });

  it("fits a table that is shorter than the window", () => {
    const short = { rows: 3, rowHeight: 28, viewport: 560 };
    expect(lastTop(short)).toBe(0);
    expect(contentHeight(short)).toBe(560);
    expect(topRowAt(40, short)).toBe(0);
  });
});

describe("columns", () => {
  it("are seen where they touch the window", () => {
    const at = edges(Array.from({ length: 5000 }, () => 100));
    expect(at[5000]).toBe(500_000);
    expect(seenColumns(at, 0, 250)).toEqual([0, 3]);
    expect(seenColumns(at, 150, 250)).toEqual([1, 5]);
    expect(seenColumns(at, 499_900, 250)).toEqual([4999, 5000]);
    expect(seenColumns(edges([]), 0, 250)).toEqual([0, 0]);
  });

  it("share what is left over among those that grow", () => {
    expect(filling([100, 100], [true, false], 350)).toEqual([250, 100]);
    expect(filling([100, 100], [true, true], 150)).toEqual([100, 100]);
    expect(filling([100], [false], 500)).toEqual([100]);
  });

  it("are as wide as what they hold, within bounds", () => {
    expect(fittingWidth({ name: "a", role: "number", sample: ["1"] })).toBe(88);
    expect(fittingWidth({ name: "a", role: "text", sample: ["x".repeat(500)] })).toBe(360);
    expect(fittingWidth({ name: "a", role: "category", sample: ["x".repeat(500)] })).toBe(220);
  });
});

describe("pages of rows", () => {
  const answer = (total: number) => (offset: number, limit: number): Promise<RowsResponse> =>
    Promise.resolve({ total, rows: Array.from({ length: Math.min(limit, total - offset) }, (_, i) => ({ index: offset + i, segment: null, cells: [] })) });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

  it("are fetched once, with their neighbours, and kept", async () => {
    const asked: number[] = [];
    const pages = new RowPages((offset, limit) => (asked.push(offset), answer(1000)(offset, limit)), () => {}, () => {}, 200);
    pages.show(0, 30);
    pages.show(0, 31);
    await settled();
    expect(asked).toEqual([0]);
    expect(pages.total).toBe(1000);
    pages.show(390, 420);
    await settled();
    expect([...asked].sort((a, b) => a - b)).toEqual([0, 200, 400, 600]);
    pages.show(390, 420);
    await settled();
    expect(asked).toHaveLength(4);
    expect(pages.at(401)?.index).toBe(401);
    expect(pages.at(801)).toBeUndefined();
  });

  it("that a fast scroll passed by are not fetched", async () => {
    const asked: number[] = [];
    const held: (() => void)[] = [];
    const pages = new RowPages((offset, limit) => (asked.push(offset), new Promise((resolve) => held.push(() => resolve(answer(100_000)(offset, limit))))), () => {}, () => {}, 200);
    for (let place = 0; place < 40_000; place += 200) pages.show(place, place + 40);
    expect(asked).toHaveLength(3);
    while (held.length > 0) {
      held.shift()?.();
      await settled();
    }
    expect(asked).toContain(39_800);
    expect(asked.length).toBeLessThan(10);
  });

  it("that come after closing change nothing", async () => {
    let changes = 0;
    const pages = new RowPages(answer(10), () => (changes += 1), () => {}, 200);
    pages.show(0, 5);
    pages.close();
    await settled();
    expect(changes).toBe(0);
  });

  it("give spans across pages, from what is here and what is not", async () => {
    const pages = new RowPages(answer(5000), () => {}, () => {}, 200);
    const rows = await pages.span(150, 2400);
    expect(rows).toHaveLength(2251);
    expect(rows[0].index).toBe(150);
    expect(rows[2250].index).toBe(2400);
  });

  it("tell of what failed", async () => {
    const failures: unknown[] = [];
    const pages = new RowPages(() => Promise.reject(new Error("gone")), () => {}, (error) => failures.push(error), 200);
    pages.show(0, 5);
    await settled();
    expect(failures).toHaveLength(1);
  });
});

describe("search marks", () => {
  const hits = (text: string, query: string) => marked(text, query).filter((piece) => piece.hit).map((piece) => piece.text);

  it("pay no heed to case and accents", () => {
    expect(hits("Solução e SOLUCAO", "solução")).toEqual(["Solução", "SOLUCAO"]);
    expect(hits("Ação rápida", "acao r")).toEqual(["Ação r"]);
    expect(hits("nada", "tudo")).toEqual([]);
  });

  it("put the text together again", () => {
    for (const text of ["", "aaa", "Ünïcödé İ ß 𝄞", "x&<b>"]) expect(marked(text, "a").map((piece) => piece.text).join("")).toBe(text);
  });
});
