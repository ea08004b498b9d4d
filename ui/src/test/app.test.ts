import { describe, expect, it, vi } from "vitest";
import { matches, shown } from "../app/keys";
import { rank } from "../app/rank";
import { fileName } from "../backend/backend";
import type { JobStatus } from "../gen/operations";
import { nextStep, whatFailed } from "../shared/failure";
import { origin } from "../shared/host.svelte";
import { locale, t } from "../shared/i18n.svelte";
import { newer, partDone } from "../shared/jobs.svelte";
import { debounced, latest } from "../shared/latest";
import { issuesAsText } from "../views/data/issues";

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

describe("keys", () => {
  it("match what they name and nothing more", () => {
    expect(matches("mod+k", press("k", { ctrlKey: true }))).toBe(true);
    expect(matches("mod+k", press("K", { metaKey: true }))).toBe(true);
    expect(matches("mod+k", press("k"))).toBe(false);
    expect(matches("m", press("m", { ctrlKey: true }))).toBe(false);
    expect(matches("?", press("?"))).toBe(true);
    expect(matches("esc", press("Escape"))).toBe(true);
    expect(matches("1", press("1", { altKey: true }))).toBe(false);
  });

  it("are shown as the keyboard has them", () => {
    expect(shown("mod+enter")).toMatch(/^(Ctrl\+|⌘)Enter$/);
    expect(shown("?")).toBe("?");
  });
});

describe("finding by typing", () => {
  it("wants every word, pays no heed to accents, and puts beginnings first", () => {
    const items = ["Retema", "Tema claro", "Tema escuro", "Exportação"];
    expect(rank("tema", items, (one) => one)).toEqual(["Tema claro", "Tema escuro", "Retema"]);
    expect(rank("ESC tem", items, (one) => one)).toEqual(["Tema escuro"]);
    expect(rank("exportacao", items, (one) => one)).toEqual(["Exportação"]);
    expect(rank("  ", items, (one) => one)).toEqual(items);
    expect(rank("zzz", items, (one) => one)).toEqual([]);
  });
});

describe("the newest answer", () => {
  it("is the only one that counts", async () => {
    const used: number[] = [];
    const take = latest<number>((value) => used.push(value), () => {});
    let finishFirst = (_: number) => {};
    take(new Promise((resolve) => (finishFirst = resolve)));
    take(Promise.resolve(2));
    await Promise.resolve();
    finishFirst(1);
    await new Promise((resolve) => setTimeout(resolve));
    expect(used).toEqual([2]);
  });

  it("comes once for a burst of calls", () => {
    vi.useFakeTimers();
    const used: string[] = [];
    const send = debounced(100, (text: string) => used.push(text));
    for (const text of ["a", "ab", "abc"]) send(text);
    vi.advanceTimersByTime(99);
    expect(used).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(used).toEqual(["abc"]);
    vi.useRealTimers();
  });
});

describe("jobs", () => {
  const job = (state: JobStatus["state"], more: Partial<JobStatus> = {}) => ({ id: 1, state, done: 0, total: null, ...more }) as JobStatus;

  it("stay done when a late report says they run", () => {
    expect(newer(job("done"), job("running")).state).toBe("done");
    expect(newer(job("running"), job("done")).state).toBe("done");
    expect(newer(job("interrupted"), job("running")).state).toBe("running");
    expect(newer(undefined, job("queued")).state).toBe("queued");
  });

  it("tell the share that is done where the whole is known", () => {
    expect(partDone(job("running", { done: 5, total: 20 }))).toBe(0.25);
    expect(partDone(job("running", { done: 5 }))).toBeNull();
    expect(partDone(job("running", { done: 9, total: 8 }))).toBe(1);
  });
});

describe("failures", () => {
  it("say what, where and what next", () => {
    locale.language = "pt-BR";
    const failure = { code: "unknown_column", fields: { column: "comentaro", nearest: "comentario" } };
    expect(whatFailed(failure)).toContain("comentaro");
    expect(nextStep(failure)).toContain("comentario");
    expect(nextStep({ code: "unknown_column", fields: { column: "x", nearest: "" } })).not.toContain("“”");
  });

  it("write sizes for people", () => {
    expect(whatFailed({ code: "too_large", fields: { needs: "80000000000", limit: "6200000000" } })).toMatch(/80 GB.*6,2 GB/);
  });

  it("write counts as counts", () => {
    expect(whatFailed({ code: "too_many_rows", fields: { count: "2000000", limit: "1048575" } })).toMatch(/2\.000\.000.*1\.048\.575/);
  });

  it("show themselves when nobody knows them", () => {
    const said = whatFailed({ code: "of_the_moon", fields: { phase: "full" } });
    expect(said).toContain("of_the_moon");
    expect(said).toContain("phase: full");
  });
});

describe("files", () => {
  it("are called by the last part of their path", () => {
    expect(fileName("C:\\Dados\\ação.csv")).toBe("ação.csv");
    expect(fileName("/dados/com espaço.csv")).toBe("com espaço.csv");
  });

  it("of issues keep tabs, quotes and line ends in their cell when pasted", () => {
    const text = issuesAsText([{ line: 7, column: null, kind: "bad_bytes", text: 'a,"b"\nc' }]);
    expect(text).toBe('line\tcolumn\tkind\ttext\n7\t\tbad_bytes\t"a,""b""\nc"\n');
  });
});

describe("where a table came from", () => {
  it("is the sample where the host says so, else the file's name, on any system", () => {
    expect(origin({ path: "/outra/casa/amostra.csv", is_sample: true })).toBe(t("facts.sample"));
    expect(origin({ path: "C:\\Users\\Ana\\Vendas.csv", is_sample: false })).toBe("Vendas.csv");
    expect(origin({ path: "/home/ana/sample/dores_solucoes.csv", is_sample: false })).toBe("dores_solucoes.csv");
  });
});
