import { beforeEach, describe, expect, it, vi } from "vitest";
import { MiranteError } from "../backend/backend";
import type { ModelEntry } from "../gen/operations";
import { host } from "../shared/host.svelte";
import { jobs } from "../shared/jobs.svelte";
import { locale } from "../shared/i18n.svelte";
import { session } from "../shared/session.svelte";
import { toasts } from "../shared/toasts.svelte";
import { applying } from "../views/models/applying.svelte";
import { asked, canAsk, type Inputs, isBlank, NOTHING, systemOf, writingOf } from "../views/models/asking";
import { appended, freeName, ordered, resultFile } from "../views/models/columns";
import { languagesOf } from "../views/models/languages";
import { cosine } from "../views/models/nearness";
import { kindsOf, pieces } from "../views/models/spans";
import { grouped, isNonCommercial, matching, taskOf } from "../views/models/tasks";
import { trial } from "../views/models/trial.svelte";
import { Fixture } from "./fixture";

// The person looks at Mirante: no notices are due.
vi.stubGlobal("document", { hidden: false, hasFocus: () => true });

const model = (id: string, more: Partial<ModelEntry> = {}): ModelEntry => ({ id, repository: `dono/${id}`, task: null, architecture: null, languages: [], licence: null, dimension: null, tokens: null, bytes: null, memory: null, fits: null, here: false, own: false, revision: null, folder: null, bytes_here: null, ...more });
const written = (more: Partial<Inputs>): Inputs => ({ ...NOTHING, ...more });

describe("the list of models", () => {
  const all = [model("a", { task: "tag" }), model("b", { task: "embed" }), model("c", { task: "tag", here: true }), model("d"), model("e", { task: "dance" }), model("f", { task: "tag", here: true })];

  it("goes by task, what is here first, and keeps its order otherwise", () => {
    expect(grouped(all).map(({ task, models }) => [task, models.map((one) => one.id).join("")])).toEqual([
      ["embed", "b"],
      ["tag", "cfa"],
      ["other", "de"],
    ]);
    expect(grouped([])).toEqual([]);
  });

  it("knows only tasks that it can try", () => {
    expect([taskOf({ task: "tag" }), taskOf({ task: "dance" }), taskOf({ task: null })]).toEqual(["tag", null, null]);
  });

  it("is filtered by every word, in any order, whatever case and accents", () => {
    const some = [model("e5-small", { licence: "mit" }), model("mt5", { licence: "cc-by-nc-sa-4.0" })];
    const words = (one: ModelEntry) => (one.id === "mt5" ? "Resumos português" : "Vetores");
    const found = (text: string) => matching(some, text, words).map((one) => one.id);
    expect(found("")).toEqual(["e5-small", "mt5"]);
    expect(found("PORTUGUES mt")).toEqual(["mt5"]);
    expect(found("dono vetores")).toEqual(["e5-small"]);
    expect(found("vetores mt5")).toEqual([]);
  });

  it("marks licences that forbid earning money, and no others", () => {
    expect(["cc-by-nc-sa-4.0", "CC-BY-NC-4.0", "qwen-research"].every(isNonCommercial)).toBe(true);
    expect([null, "mit", "apache-2.0", "cc-by-4.0", "licence-once", "llama3.2"].some(isNonCommercial)).toBe(false);
  });

  it("tells a model of many languages as such", () => {
    locale.language = "en";
    expect(languagesOf({ languages: ["pt", "multilingual"] })).toBe("multilingual");
    expect(languagesOf({ languages: ["pt", "xx"] })).toBe("Portuguese, xx");
    expect(languagesOf({ languages: [] })).toBe("");
  });
});

describe("a text in pieces", () => {
  const cut = (text: string, ...spans: [number, number][]) => pieces(text, spans.map(([start, end]) => ({ start, end }))).map(({ text: piece, span }) => (span === null ? piece : `[${piece}]`)).join("|");

  it("counts characters, not halves of them", () => {
    expect(cut("😀👍 Ana mora em São Paulo", [3, 6], [15, 24])).toBe("😀👍 |[Ana]| mora em |[São Paulo]");
  });

  it("loses nothing, whatever the spans", () => {
    const text = "a😀b c";
    for (const spans of [[], [[0, 5]], [[4, 9]], [[7, 9]], [[2, 2]], [[3, 1]], [[0, 3], [1, 4]]] as [number, number][][]) {
      expect(pieces(text, spans.map(([start, end]) => ({ start, end }))).map((piece) => piece.text).join(""), JSON.stringify(spans)).toBe(text);
    }
  });

  it("takes spans in any order, and of two that overlap the first", () => {
    expect(cut("abcdef", [4, 6], [0, 3], [2, 5])).toBe("[abc]|d|[ef]");
  });

  it("gives types their places as they come in the text", () => {
    expect(kindsOf([{ type: "LOC", start: 9 }, { type: "PER", start: 2 }, { type: "LOC", start: 30 }])).toEqual(["PER", "LOC"]);
  });
});

describe("nearness", () => {
  it("is the cosine, and none without length", () => {
    expect(cosine([1, 0], [5, 0])).toBe(1);
    expect(cosine([1, 0], [0, 2])).toBe(0);
    expect(cosine([1, 2], [-1, -2])).toBeCloseTo(-1);
    expect(cosine([3, 4], [4, 3])).toBeCloseTo(0.96);
    expect(cosine([0, 0], [1, 1])).toBe(0);
  });
});

describe("what is asked", () => {
  it("needs each field of its task", () => {
    expect(canAsk("answer", written({ question: "quem?" }))).toBe(false);
    expect(canAsk("answer", written({ question: "quem?", context: "Ana" }))).toBe(true);
    expect(canAsk("classify", written({ text: "  " }))).toBe(false);
    expect(isBlank("answer", written({ question: "quem?" }))).toBe(false);
    expect(isBlank("embed", written({ text: "de outra tarefa" }))).toBe(true);
  });

  it("changes with what its answer depends on, and with nothing else", () => {
    const before = written({ text: "a", prompt: "p" });
    expect(asked("classify", before)).toBe(asked("classify", { ...before, prompt: "q", seed: 7 }));
    expect(asked("classify", before)).not.toBe(asked("classify", { ...before, text: "b" }));
    expect(asked("generate", before)).not.toBe(asked("generate", { ...before, temperature: 0 }));
  });

  it("leaves to the model what is empty, and takes 0 for what it is", () => {
    expect(writingOf(NOTHING)).toEqual({ max_tokens: 256, seed: 42 });
    expect(writingOf(written({ maxTokens: 8, temperature: 0, topP: 0.9, seed: 0 }))).toEqual({ max_tokens: 8, temperature: 0, top_p: 0.9, seed: 0 });
    expect([systemOf(NOTHING), systemOf(written({ system: " breve " }))]).toEqual([{}, { system: "breve" }]);
  });
});

describe("new columns", () => {
  it("take no name that the table has, whatever its case", () => {
    expect(freeName("classe", [{ name: "texto" }])).toBe("classe");
    expect(freeName("classe", [{ name: "Classe" }, { name: "classe_2" }])).toBe("classe_3");
  });

  it("are one, or two where there is a score", () => {
    expect([appended("classify", "tom"), appended("tag", "quem")]).toEqual([["tom", "tom_score"], ["quem"]]);
  });

  it("go to a file whose name any system takes", () => {
    expect(resultFile("Vendas 1/2: maio", "classe")).toBe("Vendas 1 2 maio-classe.csv");
  });

  it("are told by what was found most", () => {
    expect(ordered({ b: 2, a: 2, c: 9 })).toEqual([["c", 9], ["a", 2], ["b", 2]]);
  });
});

/** A backend whose models say what the test wants. */
class Models extends Fixture {
  say: (operation: string) => Promise<unknown> = async () => ({});

  override async call(operation: never, request: never): Promise<never> {
    if (operation !== "classify") return super.call(operation, request);
    this.calls.push({ operation, request });
    return (await this.say(operation)) as never;
  }
}

describe("a trial", () => {
  let backend: Models;
  const classes = (label: string) => ({ results: [{ label, score: 1, scores: [{ label, score: 1 }] }], model: "m", ran_on: { device: "cpu", precision: "f32", instructions: "avx2" }, cut: 0 });
  const [one, other] = [model("um", { task: "classify", here: true }), model("outro", { task: "classify", here: true })];

  beforeEach(() => {
    backend = new Models();
    host.backend = backend;
    trial.close();
    trial.shown = true;
    toasts.list = [];
    Object.assign(trial.inputs, NOTHING, { text: "bom" });
  });

  it("asks the model that is open, and knows when its answer is of another text", async () => {
    backend.say = async () => classes("positivo");
    trial.open(one);
    await trial.run();
    expect(backend.calls.at(-1)?.request).toEqual({ texts: ["bom"], settings: { model: "dono/um", batch: 32, device: "auto", precision: "auto" } });
    expect([trial.outcome?.task, trial.stale, trial.busy]).toEqual(["classify", false, false]);
    trial.inputs.text = "ruim";
    expect(trial.stale).toBe(true);
  });

  it("drops the answer of a model that was left, and keeps what was written", async () => {
    let answer: (value: unknown) => void = () => {};
    backend.say = () => new Promise((resolve) => (answer = resolve));
    trial.open(one);
    const asking = trial.run();
    trial.open(other);
    answer(classes("tarde"));
    await asking;
    expect([trial.outcome, trial.busy, trial.inputs.text]).toEqual([null, false, "bom"]);
  });

  it("tells a failure where it is seen: here, or in the corner", async () => {
    backend.say = () => Promise.reject(new MiranteError({ code: "unknown_model", fields: { id: "um" } }));
    trial.open(one);
    await trial.run();
    expect([trial.failure?.code, toasts.list.length]).toEqual(["unknown_model", 0]);
    trial.shown = false;
    await trial.run();
    expect([trial.failure, toasts.list.length]).toEqual([null, 1]);
  });

  it("ends with a model that is gone", () => {
    trial.open(one);
    trial.follow([{ ...one, memory: 7 }, other]);
    expect(trial.model?.memory).toBe(7);
    trial.follow([{ ...one, here: false }, other]);
    expect(trial.model).toBeNull();
  });
});

describe("a text being written", () => {
  it("is shown as it grows, stays where it was stopped, and gives way to the whole", async () => {
    const backend = new Fixture({ beat: 1e6 });
    host.backend = backend;
    jobs.list = [];
    jobs.connect();
    trial.open(model("escreve", { task: "generate", here: true }));
    trial.inputs.prompt = "Era uma vez";
    const tell = (more: object) => {
      for (const listener of (backend as unknown as { listeners: Set<(told: unknown) => void> }).listeners) listener({ ...trial.job, ...more });
    };
    const writing = async () => {
      const running = trial.run();
      await expect.poll(() => trial.job?.state).toBe("running");
      expect(trial.writing).toBeNull();
      tell({ text: "um rato" });
      expect(trial.writing).toBe("um rato");
      return running;
    };
    const first = writing();
    await expect.poll(() => trial.writing).toBe("um rato");
    tell({ state: "cancelled", text: "um rato e" });
    await first;
    expect([trial.writing, trial.busy, trial.failure, trial.outcome]).toEqual(["um rato e", false, null, null]);

    const second = writing();
    await expect.poll(() => trial.writing).toBe("um rato");
    tell({ state: "done", text: "um rato e um", response: { text: "um rato e um gato" } });
    await second;
    expect(trial.writing).toBeNull();
    expect(trial.outcome).toMatchObject({ task: "generate", response: { text: "um rato e um gato" } });
    trial.close();
    expect(trial.writing).toBeNull();
  });
});

describe("a job that fails at once", () => {
  it("is told by whoever asked for it, and not in the corner too", async () => {
    toasts.list = [];
    const backend = new Fixture();
    host.backend = backend;
    jobs.list = [];
    jobs.connect();
    const start = backend.start.bind(backend);
    // The news of its end comes before the answer to the request.
    backend.start = async (operation, request) => {
      const job = await start(operation, request);
      for (const listener of (backend as unknown as { listeners: Set<(told: unknown) => void> }).listeners) listener({ ...job, state: "failed", failure: { code: "no_text", fields: {} } });
      return job;
    };
    await expect(jobs.run("import", { path: "/x.csv" })).rejects.toThrow("no_text");
    expect(toasts.list).toEqual([]);
  });
});

describe("a model applied to a table", () => {
  it("writes where it is told, tells what it found and offers to import it", async () => {
    const backend = new Fixture({ beat: 1 });
    // As in the window, where the person says where it goes.
    backend.destination = async (name) => ({ path: `/casa/exports/${name}` });
    host.backend = backend;
    jobs.list = [];
    jobs.connect();
    toasts.list = [];
    trial.shown = true;
    await session.importSample();
    const dataset = session.dataset;
    if (dataset === null) throw new Error("no table");
    const result = { rows: 600, text_cols: [], columns: ["tom", "tom_score"], counts: { neutro: 100, bom: 500 }, model: "m", ran_on: { device: "cpu", precision: "f32", instructions: "avx2" }, cut: 0, seconds: { load: 0, infer: 1 }, out: "/casa/exports/dores_solucoes-tom.csv", warnings: [] };
    (backend as unknown as { result: (job: { operation: string }) => unknown }).result = (job) => (job.operation === "classify_table" ? result : dataset);
    locale.language = "pt-BR";
    const by = model("um", { task: "classify", here: true });
    applying.open(dataset, by);
    applying.columns = ["dor_base"];
    await applying.apply("classify", by, dataset, "tom");
    expect(backend.calls.find((call) => call.operation === "classify_table")?.request).toEqual({ table: { source: { dataset: dataset.id }, out: "/casa/exports/dores_solucoes-tom.csv", column: "tom", text_cols: ["dor_base"] }, settings: { model: "dono/um", batch: 32, device: "auto", precision: "auto" } });
    const [toast] = toasts.list;
    expect(toast.text).toBe("600 linhas em dores_solucoes-tom.csv. bom 500 · neutro 100");
    session.place = "models";
    toast.action?.run();
    await expect.poll(() => session.place).toBe("data");
    expect(backend.calls.find((call) => call.operation === "import")?.request).toMatchObject({ path: result.out, options: { delimiter: ";" } });
  });
});
