import { beforeEach, describe, expect, it, vi } from "vitest";
import { chosen } from "../shared/chosen.svelte";
import { host } from "../shared/host.svelte";
import { jobs } from "../shared/jobs.svelte";
import { session } from "../shared/session.svelte";
import { toasts } from "../shared/toasts.svelte";
import { Fixture } from "./fixture";

let fixture: Fixture;

beforeEach(async () => {
  vi.stubGlobal("document", { hidden: false, hasFocus: () => true });
  fixture = new Fixture({ rows: 120, beat: 1 });
  host.backend = fixture;
  jobs.list = [];
  jobs.connect();
  session.closeDataset();
  session.datasets = [];
  toasts.list = [];
});

const FILE = { path: "/dados/ação.csv", name: "ação.csv" };
const asked = (operation: string) => fixture.calls.filter((call) => call.operation === operation).map((call) => call.request);

describe("a job that ends", () => {
  const ended = async () => {
    await session.importFile(FILE, { kinds: {}, roles: {} }, false);
    return fixture.notices;
  };

  it("is told by a notice when Mirante is hidden or behind another window, and only then", async () => {
    expect(await ended()).toEqual([]);
    vi.stubGlobal("document", { hidden: false, hasFocus: () => false });
    expect(await ended()).toHaveLength(1);
    vi.stubGlobal("document", { hidden: true, hasFocus: () => true });
    expect(await ended()).toHaveLength(2);
  });

  it("by the person's own hand needs no notice", async () => {
    vi.stubGlobal("document", { hidden: true, hasFocus: () => false });
    const work = jobs.run("import", { path: FILE.path, options: { kinds: {}, roles: {} } }, (job) => void jobs.steer("cancel", job));
    await expect(work).rejects.toThrow("cancelled");
    expect(fixture.notices).toEqual([]);
  });
});

describe("a file that is dropped", () => {
  it("is imported with the options of its preview, segmented, and shown", async () => {
    await session.load();
    session.openFile(FILE);
    const options = { delimiter: ";", kinds: { valor: "text" as const }, roles: {} };
    await session.importFile(FILE, options, true);
    expect(asked("import")).toEqual([{ path: FILE.path, options }]);
    expect(session.importing).toBeNull();
    expect(session.dataset?.name).toBe("ação");
    expect(session.place).toBe("segments");
    await vi.waitFor(() => expect(session.segments).toHaveLength(8));
    expect(toasts.list).toEqual([]);
  });

  it("is only imported when that is asked for", async () => {
    await session.importFile(FILE, { kinds: {}, roles: {} }, false);
    expect(asked("segment")).toEqual([]);
    expect(session.place).toBe("data");
  });

  it("leaves a message when the import fails", async () => {
    fixture.start = async () => Promise.reject({ code: "disk_full", fields: { path: "/x" } });
    await session.importFile(FILE, { kinds: {}, roles: {} }, true);
    expect(session.dataset).toBeNull();
    expect(toasts.list.map((toast) => toast.failure?.code)).toEqual(["disk_full"]);
  });
});

describe("names of segments", () => {
  it("are not put back by an older answer that comes late", async () => {
    await session.importFile(FILE, { kinds: {}, roles: {} }, true);
    await vi.waitFor(() => expect(session.run).not.toBeNull());
    const call = fixture.call.bind(fixture);
    let release = () => {};
    const late = new Promise<void>((done) => (release = done));
    fixture.call = async (operation, request) => {
      const answer = await call(operation, request);
      if (operation === "runs") await late;
      return answer;
    };
    const older = session.refresh();
    await vi.waitFor(() => expect(asked("runs")).toHaveLength(3));
    fixture.call = call;
    await session.renameSegment(2, "Cobrança");
    release();
    await older;
    expect(session.nameOf(2)).toBe("Cobrança");
  });

  it("are given, shown and undone", async () => {
    await session.load();
    await session.importFile(FILE, { kinds: {}, roles: {} }, true);
    await vi.waitFor(() => expect(session.run).not.toBeNull());
    const before = session.nameOf(2);
    await session.renameSegment(2, "  Cobrança ");
    expect(session.nameOf(2)).toBe("Cobrança");
    await session.undo();
    expect(session.nameOf(2)).toBe(before);
    expect(toasts.list).toHaveLength(1);
  });
});

describe("the choice", () => {
  it("is one for grid, map and list", async () => {
    chosen.clearAll();
    expect(chosen.gridView(3)).toEqual({});
    chosen.toggleSegment(2, false);
    chosen.toggleSegment(1, true);
    expect(chosen.gridView(3)).toEqual({ selection: { run: 3, segments: [1, 2] } });
    chosen.lasso = [[0, 0], [1, 0], [1, 1]];
    chosen.search = "  boleto ";
    chosen.cycleSort("valor");
    expect(chosen.gridView(3)).toEqual({ search: "boleto", sort: { column: "valor" }, selection: { run: 3, segments: [1, 2], lasso: [[0, 0], [1, 0], [1, 1]] } });
    expect(chosen.wholeView(3).sort).toBeUndefined();
    chosen.clearChoice();
    expect(chosen.gridView(3)).toEqual({ search: "boleto", sort: { column: "valor" } });
  });

  it("keeps marked rows among the others until they are to be seen alone", () => {
    chosen.clearAll();
    chosen.rows = new Set([9, 3]);
    expect(chosen.gridView(null)).toEqual({});
    expect(chosen.wholeView(null)).toEqual({ selection: { rows: [3, 9] } });
    chosen.only = true;
    expect(chosen.gridView(null)).toEqual({ selection: { rows: [3, 9] } });
  });

  it("of a segment alone is undone by choosing it again", () => {
    chosen.clearAll();
    chosen.toggleSegment(4, false);
    chosen.toggleSegment(4, false);
    expect(chosen.segments).toEqual([]);
  });

  it("takes the inspector along, and lets it go when cleared", () => {
    chosen.clearAll();
    session.toggleSegment(2, false);
    session.toggleSegment(5, true);
    expect(session.focus).toEqual({ kind: "segment", segment: 5 });
    session.toggleSegment(5, true);
    expect(session.focus).toEqual({ kind: "segment", segment: 2 });
    session.clearChoice();
    expect(session.focus).toBeNull();
    session.focus = { kind: "column", column: "a" };
    session.clearChoice();
    expect(session.focus).toEqual({ kind: "column", column: "a" });
  });

  it("goes through order: least, greatest, as in the file", () => {
    chosen.clearAll();
    chosen.cycleSort("a");
    chosen.cycleSort("a");
    expect(chosen.sort).toEqual({ column: "a", descending: true });
    chosen.cycleSort("a");
    expect(chosen.sort).toBeNull();
    chosen.setFilter("a", { column: "a", test: "missing" });
    chosen.setFilter("a", { column: "a", test: "present" });
    expect(chosen.filters).toEqual([{ column: "a", test: "present" }]);
  });

  it("is counted by the backend", async () => {
    await session.importFile(FILE, { kinds: {}, roles: {} }, false);
    chosen.clearAll();
    chosen.rows = new Set([1, 5]);
    chosen.follow(session.dataset?.id ?? null, null);
    await vi.waitFor(() => expect(chosen.count).toBe(2));
    chosen.clearChoice();
    chosen.follow(session.dataset?.id ?? null, null);
    expect(chosen.count).toBeNull();
  });
});
