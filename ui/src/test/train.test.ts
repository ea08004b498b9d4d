import { beforeEach, describe, expect, it, vi } from "vitest";
import type { TrainEncoderRequest } from "../gen/operations";
import { host } from "../shared/host.svelte";
import { jobs } from "../shared/jobs.svelte";
import { session } from "../shared/session.svelte";
import { toasts } from "../shared/toasts.svelte";
import { trial } from "../views/models/trial.svelte";
import { linearLine, lineOf, quoted, resumeLine, startLine, teachLine } from "../views/train/command";
import { bestOf, endOf, evaluationsOf, heldOf, isBestOf, keepOf, measuresOf, nearest, pathOf, scaleOf, seriesOf, smoothed, thinned } from "../views/train/curve";
import { roughly } from "../views/train/duration";
import { examplesPath, guessed, within } from "../views/train/examples";
import { canLearn, usualModel } from "../views/train/learners";
import { adapterName, modelName, nameOf } from "../views/train/naming";
import { lossPicture } from "../views/train/picture";
import { plan } from "../views/train/plan.svelte";
import { changedFields, isWhole, PRESET_NAMES, presetOf, USUAL, withPreset } from "../views/train/presets";
import { changedReadFields, isWholeRead, READ_PRESETS, readPresetOf, usualOf, withLora, withReadPreset } from "../views/train/readpresets";
import { guessedLabel, reads } from "../views/train/reads.svelte";
import { makeUsual } from "../views/train/usual";
import { watching } from "../views/train/watching.svelte";
import { TrainFixture, trainingAt, writer } from "./trainfixture";

vi.stubGlobal("document", { hidden: false, hasFocus: () => true });

const points = (...values: number[]) => values.map((value, i) => ({ step: i + 1, value }));

describe("what a training made", () => {
  it("is made the usual model of its task, and that is taken back", async () => {
    const backend = new TrainFixture({ beat: 1 });
    host.backend = backend;
    toasts.list = [];
    let usual = {};
    const take = (all: object) => void (usual = all);
    await makeUsual("tag", { model: "/casa/etiquetador" }, take);
    expect(usual).toEqual({ tag: { model: "/casa/etiquetador" } });
    await makeUsual("tag", { model: "/casa/outro" }, take);
    toasts.list.at(-1)?.action?.run();
    await vi.waitFor(() => expect(usual).toEqual({ tag: { model: "/casa/etiquetador" } }));
    await makeUsual("tag", undefined, take);
    expect(usual).toEqual({});
    expect(backend.calls.at(-1)).toEqual({ operation: "set_usual_model", request: { task: "tag" } });
  });
});

describe("a preset", () => {
  it("is told by its fields, and by no others", () => {
    for (const name of PRESET_NAMES) expect(presetOf(withPreset({ ...USUAL, seed: 7, dropout: 0 }, name))).toBe(name);
    expect(presetOf({ ...USUAL, r: 17 })).toBeNull();
    expect(presetOf(USUAL)).toBe("balanced");
    expect(withPreset({ ...USUAL, seed: 7 }, "small").seed).toBe(7);
  });

  it("does not share its list of layers", () => {
    const one = withPreset(USUAL, "thorough");
    one.targets.push("lm_head");
    expect(withPreset(USUAL, "thorough").targets).not.toContain("lm_head");
  });

  it("leaves what differs from the usual to be counted", () => {
    expect(changedFields(USUAL)).toEqual([]);
    expect(changedFields({ ...USUAL, targets: ["q_proj"], seed: 1 })).toEqual(["targets", "seed"]);
  });

  it("is not whole while a field is empty", () => {
    expect([isWhole(USUAL), isWhole({ ...USUAL, epochs: null as unknown as number }), isWhole({ ...USUAL, r: NaN }), isWhole({ ...USUAL, targets: [] })]).toEqual([true, false, false, false]);
  });
});

describe("a curve", () => {
  it("leaves out what the system did not say", () => {
    const training = trainingAt("/a", 3, 9);
    training.curve[1].memory = null;
    expect(seriesOf(training, "memory").map((one) => one.step)).toEqual([1, 3]);
    expect(seriesOf(training, "loss")).toHaveLength(3);
  });

  it("knows its evaluations and the best of them", () => {
    const training = trainingAt("/a", 30, 90);
    training.evaluations = [{ step: 10, figures: { loss: 2 }, is_best: true }, { step: 20, figures: { loss: 1 }, is_best: true }, { step: 30, figures: { loss: 3 }, is_best: false }];
    expect(evaluationsOf(training).map((one) => one.value)).toEqual([2, 1, 3]);
    expect(bestOf(training)).toMatchObject({ step: 20, value: 1 });
    expect(bestOf({ ...training, evaluations: [] })).toBeNull();
  });

  it("is smoothed without being drawn to nought at its start", () => {
    expect(smoothed(points(4, 4, 4), 0.9).map((one) => one.value)).toEqual([4, 4, 4].map((value) => expect.closeTo(value, 12)));
    const [first, second] = smoothed(points(2, 4), 0.5);
    expect([first.value, second.value]).toEqual([2, expect.closeTo((0.5 * 2 + 4) / 1.5, 12)]);
    expect(smoothed([], 0.9)).toEqual([]);
  });

  it("is smoothed over a twentieth of it, and over twenty steps at most", () => {
    expect([5, 100, 4000].map(keepOf)).toEqual([0.5, 0.8, 0.95]);
  });

  it("is thinned without losing its ends or its peaks, in its order", () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ step: i + 1, value: i === 3210 ? 99 : i === 777 ? -99 : Math.sin(i) }));
    const few = thinned(many, 200);
    expect(few.length).toBeLessThanOrEqual(204);
    expect([few[0].step, few.at(-1)?.step]).toEqual([1, 5000]);
    expect([Math.max(...few.map((one) => one.value)), Math.min(...few.map((one) => one.value))]).toEqual([99, -99]);
    expect(few.every((one, i) => i === 0 || one.step > few[i - 1].step)).toBe(true);
    expect(thinned(many.slice(0, 200), 200)).toEqual(many.slice(0, 200));
  });

  it("is drawn within its frame, the first step at the left and the last at the right", () => {
    const scale = scaleOf(points(3, 1, 2), 10, 400, 200);
    expect([scale.x(1), scale.x(10)]).toEqual([56, 372]);
    expect(scale.y(3)).toBeLessThan(scale.y(1));
    for (const value of [1, 3]) expect(scale.y(value)).toSatisfy((y: number) => y >= 10 && y <= 176);
    expect(scale.stepAt(scale.x(7))).toBeCloseTo(7);
    expect(scale.steps.every(Number.isInteger)).toBe(true);
    expect(pathOf(points(3, 1), { x: (step) => step, y: (value) => value })).toBe("M1.0 3.0L2.0 1.0");
  });

  it("is drawn even where it is flat, of one step or of none", () => {
    for (const some of [points(2, 2), points(0), points(5), []]) {
      const scale = scaleOf(some, some.length, 400, 200);
      for (const { step, value } of some) expect([scale.x(step), scale.y(value)].every(Number.isFinite), JSON.stringify(some)).toBe(true);
      expect(scale.values.every(Number.isFinite)).toBe(true);
    }
  });

  it("of a long training at work has room to grow, and once it ended none to spare", () => {
    const end = (state: "running" | "done", step: number, steps: number) => endOf({ state, step, steps });
    expect([end("running", 0, 12_000), end("running", 11, 12_000), end("running", 72, 12_000), end("running", 11_000, 12_000), end("running", 3, 6), end("done", 89, 12_000)]).toEqual([10, 20, 80, 12_000, 6, 89]);
  });

  it("finds the step nearest to a place", () => {
    const some = [1, 5, 6, 20].map((step) => ({ step, value: 0 }));
    expect([-3, 2, 4, 5.4, 13.1, 99].map((step) => nearest(some, step))).toEqual([0, 0, 1, 1, 3, 3]);
    expect(nearest([], 3)).toBe(-1);
  });

  it("is a picture of its own", () => {
    const picture = lossPicture(trainingAt("/a", 25, 70), { title: "a < b", learned: "x & y", measured: "m" }, String);
    expect(picture).toContain("<title>a &lt; b</title>");
    expect(picture).toContain("x &amp; y");
    expect(picture.match(/<circle/g)).toHaveLength(2);
    expect(picture).not.toMatch(/NaN|undefined|var\(/);
    expect(picture.endsWith("</svg>")).toBe(true);
  });
});

describe("a time", () => {
  it("is told no finer than it is known", () => {
    expect([0.2, 7, 42, 89, 100, 5000, 7300, 200_000].map(roughly)).toEqual([
      { key: "seconds", values: { n: 1 } },
      { key: "seconds", values: { n: 7 } },
      { key: "seconds", values: { n: 40 } },
      { key: "seconds", values: { n: 90 } },
      { key: "minutes", values: { n: 2 } },
      { key: "minutes", values: { n: 83 } },
      { key: "hours", values: { h: 2, m: 2 } },
      { key: "days", values: { d: 2, h: 8 } },
    ]);
  });
});

describe("examples", () => {
  it("are looked for by the names of columns", () => {
    const named = (...names: string[]) => guessed(names.map((name) => ({ name })));
    expect(named("id", "Pergunta do cliente", "Resposta")).toEqual({ prompt: "Pergunta do cliente", reply: "Resposta" });
    expect(named("INSTRUÇÃO", "Saída")).toEqual({ prompt: "INSTRUÇÃO", reply: "Saída" });
    expect(named("texto", "valor")).toEqual({ prompt: "", reply: "" });
    expect(named("dor", "solucao")).toEqual({ prompt: "", reply: "" });
  });

  it("of another choice are another file", () => {
    const choice = { dataset: 3, table: "Vendas: maio", prompt: "a/b", reply: "c", keepPersonal: false };
    expect(examplesPath("/casa", choice)).toBe("/casa/examples/3 masked a b c Vendas maio.jsonl");
    expect(examplesPath("/casa", { ...choice, keepPersonal: true })).not.toBe(examplesPath("/casa", choice));
    expect(within("C:\\casa\\", "x", "y")).toBe("C:\\casa\\x\\y");
  });
});

describe("names", () => {
  it("are those of folders and repositories", () => {
    expect([modelName("dono/modelo"), modelName("/casa/modelo/"), modelName("C:\\casa\\modelo"), modelName("./modelo")]).toEqual(["dono/modelo", "modelo", "modelo", "modelo"]);
    expect([adapterName("/casa/treino-1795300000000/adapter"), adapterName("/casa/meu")]).toEqual(["treino", "meu"]);
    expect([nameOf({ output_dir: "/casa/a b" }), nameOf({ output_dir: "/casa/texto-1795300000000" })]).toEqual(["a b", "texto"]);
  });
});

describe("the command line", () => {
  it("quotes what a shell would take apart", () => {
    expect(["dono/modelo", "/tmp/a.jsonl", "a b", "d'água", "$HOME", "C:\\a b\\c"].map(quoted)).toEqual(["dono/modelo", "/tmp/a.jsonl", "'a b'", "'d'\\''água'", "'$HOME'", '"C:\\a b\\c"']);
  });
});

describe("a command line", () => {
  it("says what is not as usual, and nothing else", () => {
    const request = { base_model: "dono/modelo", train_file: "/casa/meus exemplos.jsonl", validation_split: 0.05, output_dir: "/casa/x" };
    expect(startLine({ ...request, settings: USUAL })).toBe("mirante lora start --base-model dono/modelo --train-file '/casa/meus exemplos.jsonl'");
    expect(startLine(request)).toBe(startLine({ ...request, settings: USUAL }));
    expect(startLine({ ...request, validation_split: 0.1, settings: { ...USUAL, r: 8, targets: ["q_proj", "v_proj"], on_all: true, learning_rate: 1e-7, schedule: "linear" } })).toBe(
      "mirante lora start --base-model dono/modelo --train-file '/casa/meus exemplos.jsonl' --validation-split 0.1 --r 8 --targets q_proj,v_proj --learning-rate 1e-7 --schedule linear --on-all",
    );
    expect(resumeLine("/casa/x y")).toBe("mirante lora start --output-dir '/casa/x y' --resume");
  });
});

describe("a plan", () => {
  let backend: TrainFixture;

  beforeEach(async () => {
    backend = new TrainFixture({ beat: 1 });
    host.backend = backend;
    [jobs.list, toasts.list] = [[], []];
    jobs.connect();
    await session.importFile({ path: "/dados/a.csv", name: "a.csv" }, { kinds: {}, roles: {} }, false);
    plan.open(null);
    Object.assign(plan, { from: "table", file: null, model: "", split: 0.05, settings: { ...USUAL }, keepPersonal: false, shown: true, failure: null });
    plan.open(session.dataset);
  });

  const settle = async () => {
    plan.followChoice();
    await vi.waitFor(() => expect(plan.examples).not.toBeNull());
    plan.followRequest();
    await vi.waitFor(() => expect(plan.estimating).toBe(false));
  };

  it("says the one thing that is missing, step by step", async () => {
    expect(plan.missing).toBe("columns");
    [plan.prompt, plan.reply] = ["dor_base", "dor_base"];
    expect(plan.missing).toBe("columns");
    plan.reply = "solucao_graventum";
    expect(plan.missing).toBe("model");
    plan.followChoice();
    expect(backend.calls.some((call) => call.operation === "build_examples")).toBe(false);
    plan.model = "dono/escritor";
    expect(plan.missing).toBe("examples");
    await settle();
    expect(plan.missing).toBeNull();
    expect(backend.calls.find((call) => call.operation === "build_examples")?.request).toMatchObject({ source: { dataset: session.dataset?.id }, prompt_col: "dor_base", reply_col: "solucao_graventum", keep_personal: false });
  });

  it("takes the settings that fit where its own do not", async () => {
    Object.assign(plan, { prompt: "dor_base", reply: "solucao_graventum", model: "dono/escritor", settings: { ...USUAL, max_length: 4096 } });
    await settle();
    expect(plan.missing).toBe("room");
    plan.takeFitting();
    await settle();
    expect([plan.missing, plan.settings.max_length, presetOf(plan.settings)]).toEqual([null, 512, "small"]);
  });

  it("asks for one estimate of the newest settings, and shows no older one", async () => {
    Object.assign(plan, { prompt: "dor_base", reply: "solucao_graventum", model: "dono/escritor" });
    plan.followChoice();
    await vi.waitFor(() => expect(plan.examples).not.toBeNull());
    for (const epochs of [3, 4, 5]) {
      plan.settings.epochs = epochs;
      plan.followRequest();
    }
    await vi.waitFor(() => expect(plan.estimate?.steps).toBe(175));
    expect(backend.calls.filter((call) => call.operation === "estimate_training")).toHaveLength(1);
  });

  it("forgets the columns of another table", async () => {
    Object.assign(plan, { prompt: "dor_base", reply: "solucao_graventum" });
    plan.open({ ...(session.dataset as NonNullable<typeof session.dataset>), id: 99 });
    expect([plan.prompt, plan.reply, plan.missing]).toEqual(["", "", "columns"]);
  });

  it("trains what is on screen, and nothing while a number is missing", async () => {
    plan.from = "file";
    plan.file = { path: "/dados/e.jsonl", name: "e.jsonl" };
    plan.model = "dono/escritor";
    await plan.train();
    expect(backend.calls.find((call) => call.operation === "train_lora")?.request).toEqual({ base_model: "dono/escritor", train_file: "/dados/e.jsonl", validation_split: 0.05, settings: USUAL });
    plan.settings.epochs = null as unknown as number;
    expect([plan.request, plan.missing]).toEqual([null, "estimate"]);
  });
});

describe("watching", () => {
  let backend: TrainFixture;

  beforeEach(() => {
    backend = new TrainFixture({ beat: 1 });
    host.backend = backend;
    [jobs.list, toasts.list] = [[], []];
    jobs.connect();
    Object.assign(watching, { list: null, folder: null, training: null, ending: false });
  });

  it("puts before the person what is at work, and what begins later", async () => {
    backend.trainings = [trainingAt("/b", 9, 9, { state: "done" }), trainingAt("/a", 4, 9)];
    watching.refresh();
    await vi.waitFor(() => expect(watching.training?.output_dir).toBe("/a"));
    watching.choose("/b");
    await vi.waitFor(() => expect(watching.training?.curve).toHaveLength(9));
    watching.refresh();
    await vi.waitFor(() => expect(backend.calls.filter((call) => call.operation === "trainings")).toHaveLength(2));
    expect(watching.folder).toBe("/b");
    backend.trainings.unshift(trainingAt("/c", 1, 9));
    watching.refresh();
    await vi.waitFor(() => expect(watching.training?.output_dir).toBe("/c"));
  });

  it("ends a training, kept or not", async () => {
    backend.trainings = [trainingAt("/a", 4, 9)];
    watching.refresh();
    await vi.waitFor(() => expect(watching.training).not.toBeNull());
    await watching.end(true);
    expect(backend.calls.find((call) => call.operation === "stop_training")?.request).toEqual({ output_dir: "/a", keep: true });
    await vi.waitFor(() => expect([watching.training?.state, watching.ending]).toEqual(["done", false]));
  });

  it("resumes what was cut off, in its own folder", async () => {
    backend.trainings = [trainingAt("/a", 4, 9, { state: "interrupted" })];
    watching.refresh();
    await vi.waitFor(() => expect(watching.training).not.toBeNull());
    watching.resume();
    await vi.waitFor(() => expect(backend.calls.find((call) => call.operation === "train_lora")?.request).toMatchObject({ base_model: "dono/escritor", output_dir: "/a", resume: true }));
  });
});

describe("an adapter", () => {
  it("is tried on its model, and left with it", async () => {
    const backend = new TrainFixture({ beat: 1 });
    host.backend = backend;
    [jobs.list, toasts.list] = [[], []];
    jobs.connect();
    await trial.openAdapter("dono/escritor", "/casa/treino/adapter");
    trial.inputs.prompt = "oi";
    expect([trial.model?.id, trial.task]).toEqual(["escritor", "generate"]);
    await trial.run();
    expect(backend.calls.find((call) => call.operation === "generate")?.request).toMatchObject({ settings: { model: "dono/escritor", adapter: "/casa/treino/adapter" } });
    trial.follow([]);
    expect(trial.model).not.toBeNull();
    trial.open(writer("escritor"));
    expect(trial.adapter).toBeNull();
    trial.close();
  });
});

describe("a preset of a model that reads", () => {
  it("is told by its fields, for each task", () => {
    for (const read of ["classify", "tag", "answer"] as const) {
      for (const name of READ_PRESETS) expect(readPresetOf(withReadPreset({ ...usualOf(read), seed: 7 }, read, name), read)).toBe(name);
      expect([readPresetOf(usualOf(read), read), changedReadFields(usualOf(read), read)]).toEqual(["balanced", []]);
    }
    expect(readPresetOf({ ...usualOf("tag"), epochs: 4 }, "tag")).toBeNull();
    const small = withReadPreset(usualOf("answer"), "answer", "small");
    expect(small).toMatchObject({ batch_size: 1, gradient_accumulation: 4, max_length: 192, freeze_embeddings: true, gradient_checkpointing: true });
  });

  it("takes another learning rate with a small change, but not the person's own", () => {
    const changed = withLora(usualOf("classify"), "classify", true);
    expect([changed.learning_rate, changed.lora?.r, readPresetOf(changed, "classify")]).toEqual([3e-4, 16, null]);
    expect(withLora(changed, "classify", false)).toEqual(usualOf("classify"));
    expect(withLora({ ...usualOf("classify"), learning_rate: 1e-3 }, "classify", true).learning_rate).toBe(1e-3);
    expect(isWholeRead({ ...changed, lora: { r: null as unknown as number, alpha: 1, dropout: 0, targets: [] } })).toBe(false);
  });
});

describe("the command line that teaches a model that reads", () => {
  const tables = [{ id: 3, path: "/dados/notas do mês.csv", options: { kinds: {}, roles: {} } }];
  const classes: TrainEncoderRequest = { base_model: "dono/leitor", task: { kind: "classify", source: { dataset: 3 }, label_col: "nota" } };

  it("names the table's file, and is none where that is gone", () => {
    expect(teachLine(classes, tables)).toBe("mirante classifier train --kind transformer --csv '/dados/notas do mês.csv' --label-col nota --validation-split 0.1 --model-name dono/leitor");
    expect(teachLine(classes, [])).toBeNull();
    expect(linearLine({ source: { dataset: 3 }, text_cols: ["a", "b"], label_col: "nota", class_weights: "none" }, tables)).toBe("mirante classifier train --csv '/dados/notas do mês.csv' --text-col a --text-col b --label-col nota --class-weights none");
  });

  it("says what is not usual for the task, and nothing else", () => {
    const tags: TrainEncoderRequest = { base_model: "dono/leitor", task: { kind: "tag", train_file: "/t.conll", validation_file: "/v.conll" }, settings: withLora({ ...usualOf("tag"), epochs: 5 }, "tag", true) };
    expect(teachLine(tags, [])).toBe("mirante tagger train --train-file /t.conll --validation-file /v.conll --model-name dono/leitor --lora --num-epochs 5");
    const answers: TrainEncoderRequest = { base_model: "dono/leitor", task: { kind: "answer", train_file: "/q.json", validation_split: 0.2 }, settings: { ...usualOf("answer"), freeze_embeddings: true } };
    expect(teachLine(answers, [])).toBe("mirante qa train --train-file /q.json --validation-split 0.2 --model-name dono/leitor --freeze-embeddings");
  });

  it("takes what was stored as nothing for nothing", () => {
    const stored = { base_model: "m", task: { kind: "tag", train_file: "/t", validation_file: null }, settings: { ...usualOf("tag"), lora: null } } as unknown as TrainEncoderRequest;
    expect(teachLine(stored, [])).toBe("mirante tagger train --train-file /t --model-name m");
  });

  it("goes on with what was cut off", () => {
    const cut = { state: "interrupted", output_dir: "/casa/x" } as const;
    expect(lineOf({ ...cut, request: { base_model: "m", task: { kind: "tag", train_file: "/t" } } }, [])).toBe("mirante tagger train --output-dir /casa/x --resume");
    expect(lineOf({ ...cut, request: classes }, tables)).toMatch(/--label-col nota .+--output-dir \/casa\/x --resume$/);
    expect(lineOf({ ...cut, request: { base_model: "m", train_file: "/t" } }, [])).toBe(resumeLine("/casa/x"));
  });
});

describe("models that learn", () => {
  it("are those of the task's kind, one that makes vectors first", () => {
    const [vectors, classes, text] = [writer("v", { task: "embed" }), writer("c", { task: "classify" }), writer("t")];
    expect([vectors, classes, text].map((one) => [canLearn(one, "tag"), canLearn(one, "write")])).toEqual([[true, false], [true, false], [false, true]]);
    expect(canLearn({ ...vectors, here: false }, "tag")).toBe(false);
    expect([usualModel([classes, vectors], "classify"), usualModel([writer("a", { task: "tag" }), classes], "classify"), usualModel([], "tag"), usualModel([text, text], "write")]).toEqual(["dono/v", "dono/c", "", ""]);
  });
});

describe("trainings of more than one kind", () => {
  const reader = (folder: string, macro_f1: number) => {
    const request: TrainEncoderRequest = { base_model: "dono/leitor", task: { kind: "classify", source: { dataset: 3 }, label_col: "nota" } };
    return trainingAt(folder, 20, 20, { request, evaluations: [{ step: 10, figures: { loss: 0.2, macro_f1: 0.4 }, is_best: true }, { step: 20, figures: { loss: 0.3, macro_f1 }, is_best: true }] });
  };

  it("are each judged by their own figure, against their own kind", () => {
    const all = [trainingAt("/a", 20, 20), trainingAt("/b", 10, 20), reader("/c", 0.7), reader("/d", 0.9)];
    expect(all.map((one) => isBestOf(one, all))).toEqual([true, false, false, true]);
    expect([heldOf(all[2]), bestOf(all[3])]).toEqual([0.7, expect.objectContaining({ step: 20, value: 0.9 })]);
    expect(isBestOf(all[3], [all[0], all[3]])).toBe(false);
  });

  it("have their own charts", () => {
    expect(measuresOf(reader("/c", 0.7))).toContain("score");
    expect(measuresOf(trainingAt("/a", 20, 20))).not.toContain("score");
    expect(seriesOf(reader("/c", 0.7), "score")).toMatchObject([{ step: 10, value: 0.4 }, { step: 20, value: 0.7 }]);
  });
});

describe("a plan for a model that reads", () => {
  let backend: TrainFixture;

  beforeEach(async () => {
    backend = new TrainFixture({ beat: 1 });
    host.backend = backend;
    [jobs.list, toasts.list] = [[], []];
    jobs.connect();
    await session.importFile({ path: "/dados/a.csv", name: "a.csv" }, { kinds: {}, roles: {} }, false);
    plan.open(null);
    plan.turnTo("write");
    Object.assign(reads, { model: "", how: "linear" });
    plan.turnTo("classify");
    plan.open(session.dataset);
  });

  it("guesses the classes by the column's name", () => {
    expect(["id texto Classificação", "a Rótulo", "a b"].map((names) => guessedLabel(names.split(" ").map((name) => ({ name }))))).toEqual(["Classificação", "Rótulo", ""]);
  });

  it("says the one thing that is missing, and asks for what is on screen", async () => {
    reads.labelCol = "";
    expect(plan.missing).toBe("columns");
    reads.labelCol = "segmento";
    expect([plan.missing, plan.request]).toEqual([null, null]);
    reads.how = "transformer";
    expect(plan.missing).toBe("model");
    reads.model = "dono/leitor";
    plan.followRequest();
    expect(plan.missing).toBe("estimate");
    expect(plan.request).toMatchObject({ base_model: "dono/leitor", task: { kind: "classify", source: { dataset: session.dataset?.id }, label_col: "segmento", validation_split: 0.1 }, settings: usualOf("classify") });
    await vi.waitFor(() => expect(backend.calls.some((call) => call.operation === "estimate_encoder")).toBe(true));
    plan.turnTo("answer");
    expect([plan.missing, reads.settings.max_length]).toEqual(["data", 384]);
    [reads.trainFile, reads.validationFile] = [{ path: "/q.json", name: "q.json" }, { path: "/v.json", name: "v.json" }];
    expect(plan.request).toMatchObject({ task: { kind: "answer", train_file: "/q.json", validation_file: "/v.json" } });
  });

  it("takes an earlier training to be changed", async () => {
    await plan.takeFrom({ base_model: "m", task: { kind: "tag", train_file: "/x/t.conll", validation_split: 0.3 }, settings: { ...usualOf("tag"), epochs: 9 } });
    expect([plan.taught, reads.model, reads.trainFile?.name, reads.split, reads.settings.epochs]).toEqual(["tag", "m", "t.conll", 0.3, 9]);
    await plan.takeFrom({ base_model: "w", train_file: "/e.jsonl" });
    expect([plan.taught, plan.model, plan.file?.name]).toEqual(["write", "w", "e.jsonl"]);
  });
});
