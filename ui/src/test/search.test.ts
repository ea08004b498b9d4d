import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { chosen } from "../shared/chosen.svelte";
import { host } from "../shared/host.svelte";
import { jobs } from "../shared/jobs.svelte";
import { session } from "../shared/session.svelte";
import { toasts } from "../shared/toasts.svelte";
import { ui } from "../shared/ui.svelte";
import { canName, condition, withCondition } from "../views/search/filterText";
import { finder } from "../views/search/finder.svelte";
import { indexOf, nameFor, soundName, earlierOf } from "../views/search/indexes";
import { markWords, passage } from "../views/search/passage";
import { COMMON, queryWords } from "../views/search/queryWords";
import type { Index } from "../gen/operations";
import { Fixture } from "./fixture";

const hits = (text: string, query: string) => markWords(text, queryWords(query)).filter((piece) => piece.hit).map((piece) => piece.text);

describe("the words of a query", () => {
  it("are those the index counts: the same common ones are passed over", () => {
    const code = readFileSync("../src-tauri/data/src/text/stop_words.rs", "utf8");
    const list = /PORTUGUESE: &\[&str\] = &\[([^\]]+)\]/.exec(code)?.[1] ?? "";
    const theirs = [...list.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
    expect(theirs.length).toBeGreaterThan(150);
    expect([...COMMON].sort()).toEqual(theirs.sort());
  });

  it("leave common words and lone letters out, unless there are no others", () => {
    expect([...queryWords("o prazo da ENTREGA, o prazo!")]).toEqual(["prazo", "entrega"]);
    expect([...queryWords("de que")]).toEqual(["de", "que"]);
    expect([...queryWords("nota 7")]).toEqual(["nota", "7"]);
    expect([...queryWords(" …?! ")]).toEqual([]);
    expect(queryWords(Array.from({ length: 90 }, (_, i) => `w${i}`).join(" ")).size).toBe(64);
  });

  it("are marked whole, whatever their case and accents", () => {
    expect(hits("A ação fora da AÇÃO, não reação", "acao")).toEqual(["ação", "AÇÃO"]);
    expect(hits("cidade de Belém", "de")).toEqual(["de"]);
    expect(hits("nota_fiscal nota-fiscal", "fiscal")).toEqual(["fiscal", "fiscal"]);
    // As some files have them: the accent after its letter.
    expect(hits("ac\u0327a\u0303o", "ação")).toEqual(["ac\u0327a\u0303o"]);
    expect(hits("nada", "tudo")).toEqual([]);
  });

  it("lose nothing of the text they stand in", () => {
    for (const text of ["", "aaa", "Ünïcödé İ ß 𝄞", "x&<b> boleto", "boleto"]) expect(markWords(text, queryWords("boleto x")).map((piece) => piece.text).join("")).toBe(text);
  });
});

describe("a passage", () => {
  const text = (before: number, after: number) => `${"antes ".repeat(before)}BOLETO vencido ${"depois ".repeat(after)}`.trim();
  const told = (of: string, most: number) => {
    const { pieces, before, after } = passage(of, queryWords("boleto"), most);
    return { text: pieces.map((piece) => piece.text).join(""), hit: pieces.some((piece) => piece.hit), before, after };
  };

  it("of a short text is all of it, in one line", () => {
    expect(told("o boleto\n\n  venceu ", 300)).toEqual({ text: "o boleto venceu", hit: true, before: false, after: false });
  });

  it("holds the first word found, and begins and ends at a word", () => {
    for (const [before, after] of [[0, 200], [3, 200], [80, 80], [200, 0], [200, 3]]) {
      const found = told(text(before, after), 200);
      expect(found.hit, `${before} ${after}`).toBe(true);
      expect(found.text.length).toBeLessThanOrEqual(240);
      expect(found.text.length).toBeGreaterThan(120);
      expect(found.text.split(" ").every((word) => ["antes", "BOLETO", "vencido", "depois"].includes(word)), found.text).toBe(true);
      expect([found.before, found.after]).toEqual([before > 3, after > 3]);
    }
  });

  it("of a text that says it in other words is its beginning", () => {
    const found = told("nada disso ".repeat(60), 100);
    expect(found.text.startsWith("nada disso nada")).toBe(true);
    expect([found.before, found.after]).toEqual([false, true]);
  });

  it("is cut through no character, even where there are no spaces", () => {
    const found = passage(`${"𝄞".repeat(301)} boleto ${"𝄞".repeat(300)}`, queryWords("boleto"), 100);
    const whole = found.pieces.map((piece) => piece.text).join("");
    expect(whole).toContain("boleto");
    expect(() => encodeURIComponent(whole)).not.toThrow();
  });
});

describe("a condition", () => {
  it("names columns and values so that they are read as they are", () => {
    expect(condition("nicho", "=", "Contabilidade")).toBe("nicho = 'Contabilidade'");
    expect(condition("nota do cliente", "~", "D'Água")).toBe("\"nota do cliente\" ~ 'D''Água'");
    expect(condition("valor", ">=", "1.234,5")).toBe("valor >= 1.234,5");
    expect(condition("variação_2", "<", "-3")).toBe("variação_2 < -3");
    expect(condition("n", "=", "")).toBe("n = ''");
    expect(condition("n", "=", "10 mil")).toBe("n = '10 mil'");
    expect([canName("a b"), canName('a"b')]).toEqual([true, false]);
  });

  it("is added to those before", () => {
    expect(withCondition("  ", "a = 1")).toBe("a = 1");
    expect(withCondition("a = 1 ", "b = 2")).toBe("a = 1 and b = 2");
  });
});

const index = (name: string, dataset: number | null, created_at = 0) => ({ name, dataset, created_at }) as Index;

describe("an index", () => {
  it("is called by its table, as a folder can be", () => {
    expect(soundName("Reclamações de agosto")).toBe("Reclamações de agosto");
    expect(soundName(' a/b\\c:d*e?"f"<g>|h. ')).toBe("a b c d e f g h");
    expect(soundName("..oculto")).toBe("oculto");
    expect(soundName("???")).toBe("mirante");
    expect(soundName("AUX")).toBe("mirante AUX");
    expect([...soundName("é".repeat(300))]).toHaveLength(100);
  });

  it("takes no other table's name", () => {
    const dataset = { id: 7, name: "Dores" };
    expect(nameFor(dataset, [])).toBe("Dores");
    expect(nameFor(dataset, [index("Dores", 7)])).toBe("Dores");
    expect(nameFor(dataset, [index("dores", 3)])).toBe("Dores 7");
    expect(nameFor(dataset, [index("Dores", null), index("Dores 7", 9)])).toBe("Dores 7-2");
    const long = nameFor({ id: 7, name: "x".repeat(120) }, [index("x".repeat(100), 1)]);
    expect([long.length, long.endsWith("x 7")]).toEqual([100, true]);
  });

  it("of a table is its newest", () => {
    const all = [index("a", 1, 5), index("b", 2, 9), index("c", 1, 8), index("d", null, 99)];
    expect(indexOf(all, 1)?.name).toBe("c");
    expect(indexOf(all, 3)).toBeNull();
    expect(indexOf(all, null)).toBeNull();
  });
});

describe("the finder", () => {
  let fixture: Fixture;
  const asked = () => fixture.calls.filter((call) => call.operation === "search").map((call) => call.request);
  const search = async (change: () => void) => {
    change();
    finder.follow();
    await vi.waitFor(() => expect(finder.current).toBe(true));
  };

  beforeEach(async () => {
    vi.stubGlobal("document", { hidden: false, hasFocus: () => true });
    fixture = new Fixture({ rows: 120, beat: 1 });
    host.backend = fixture;
    [jobs.list, toasts.list] = [[], []];
    jobs.connect();
    session.closeDataset();
    await session.importFile({ path: "/dados/a.csv", name: "a.csv" }, { kinds: {}, roles: {} }, false);
    await jobs.run("index_table", { source: { dataset: 1 }, name: "a" });
    finder.open(-1);
    finder.open(1);
    [finder.mode, finder.top] = ["hybrid", 25];
    await vi.waitFor(() => expect(finder.index?.name).toBe("a"));
  });

  it("has the index of an earlier version of a table go over to it", async () => {
    await session.importFile({ path: "/dados/a.csv", name: "a.csv" }, { kinds: {}, roles: {} }, false);
    const [now, before] = [2, 1].map((id) => ({ ...fixture.datasets.find((one) => one.id === id)!, imported_at: id }));
    expect(earlierOf(now, [now, before], fixture.indexes)?.name).toBe("a");
    expect(earlierOf(before, [now, before], fixture.indexes)).toBeNull();
    expect(earlierOf({ ...now, path: "/dados/b.csv", name: "b" }, [now, before], fixture.indexes)).toBeNull();
    expect(earlierOf({ ...now, columns: now.columns.filter((column) => column.name !== "dor_base") }, [now, before], fixture.indexes)).toBeNull();
    await finder.carryOn(fixture.indexes[0], 2);
    finder.open(2);
    await vi.waitFor(() => expect(finder.index?.dataset).toBe(2));
    expect(toasts.list.at(-1)?.text).toContain("2");
  });

  it("asks an index of vectors from a file by words, and still finds rows like a row", async () => {
    fixture.indexes = fixture.indexes.map((one) => ({ ...one, settings: null, space: { model: "own", revision: null, pooling: "given", dimension: 8 } }));
    await finder.readIndexes();
    await search(() => (finder.query = "boleto"));
    expect(asked().at(-1)).toMatchObject({ mode: "words" });
    finder.moreLike(0);
    await search(() => undefined);
    expect(asked().at(-1)).toHaveProperty("like");
  });

  it("asks for the newest words only, and shows no older answer", async () => {
    const call = fixture.call.bind(fixture);
    let slow = () => {};
    const late = new Promise<void>((done) => (slow = done));
    fixture.call = async (operation, request) => {
      const answer = await call(operation, request);
      if (operation === "search" && (request as { query?: string }).query === "boleto") await late;
      return answer;
    };
    for (const query of ["b", "bol", "boleto"]) {
      finder.query = query;
      finder.follow();
    }
    await vi.waitFor(() => expect(asked()).toEqual([{ index: "a", query: "boleto", mode: "hybrid", top: 25 }]));
    await search(() => (finder.query = "frete"));
    slow();
    await new Promise((done) => setTimeout(done, 5));
    expect(finder.found?.request.query).toBe("frete");
    expect(finder.results.every((hit) => hit.text.includes("frete"))).toBe(true);
  });

  it("goes from a query to rows like a result, and back", async () => {
    await search(() => (finder.query = " boleto "));
    const { row } = finder.results[2];
    await search(() => finder.moreLike(2));
    expect(asked().at(-1)).toEqual({ index: "a", like: row, top: 25 });
    expect(finder.results.map((hit) => hit.row)).not.toContain(row);
    await search(() => finder.unlike());
    expect(finder.found?.request.query).toBe("boleto");
  });

  it("leaves the keyboard where the person went while results were on their way", async () => {
    await search(() => (finder.query = "boleto"));
    finder.moreLike(2);
    expect(finder.goesOn).toBe(true);
    // By the key of the search box: what comes does not take the words out of their hands.
    finder.unlike();
    expect(finder.goesOn).toBe(false);
    finder.moreLike(2);
    finder.unlike(true);
    expect(finder.goesOn).toBe(true);
  });

  it("keeps what was found while a filter is wrong, and says that it is the filter", async () => {
    await search(() => (finder.query = "boleto"));
    const before = finder.results;
    finder.filter = "nixo = 1";
    finder.follow();
    await vi.waitFor(() => expect(finder.filterFailure?.fields.nearest).toBe("nicho"));
    expect(finder.results).toBe(before);
    await search(() => (finder.filter = "nicho = 'Varejo'"));
    expect(finder.failure).toBeNull();
    expect(finder.results.every((hit) => hit.fields.nicho === "Varejo")).toBe(true);
  });

  it("looks by words alone where there are no vectors", async () => {
    finder.indexes = (finder.indexes ?? []).map((one) => ({ ...one, space: null }));
    await search(() => (finder.query = "boleto"));
    expect(asked().at(-1)).toMatchObject({ mode: "words" });
    finder.moreLike(0);
    expect(finder.like).toBeNull();
  });

  it("forgets one table's query in another, and asks again of an index made anew", async () => {
    await search(() => (finder.query = "boleto"));
    finder.indexes = (finder.indexes ?? []).map((one) => ({ ...one, created_at: one.created_at + 1 }));
    finder.follow();
    await vi.waitFor(() => expect(asked()).toHaveLength(2));
    finder.open(2);
    expect([finder.query, finder.results, finder.index]).toEqual(["", [], null]);
  });

  it("sees that its index is gone", async () => {
    await host.call("remove_index", { index: "a" });
    finder.query = "boleto";
    finder.follow();
    await vi.waitFor(() => expect(finder.index).toBeNull());
  });

  it("chooses the same rows for grid, map and export", async () => {
    await search(() => ((finder.query = "boleto"), (finder.top = 10)));
    [chosen.search, chosen.segments] = ["algo", [3]];
    finder.chooseAll();
    expect([...chosen.rows]).toEqual(finder.results.map((hit) => hit.row));
    // Nothing of another view keeps any of them out.
    expect(chosen.wholeView(3)).toEqual({ selection: { rows: [...chosen.rows].sort((a, b) => a - b) } });
    finder.toggle(4);
    expect(chosen.rows.size).toBe(9);
    finder.showOnMap(4);
    expect([...chosen.rows]).toEqual([finder.results[4].row]);
    expect([session.place, ui.segmentsPane]).toEqual(["segments", "map"]);
  });
});
