/** The training being prepared: its examples, its model, its settings, and what it would need. Outlives the view. */
import { untrack } from "svelte";
import { failureOf, fileName, type PickedFile } from "../../backend/backend";
import type { BuildExamplesResponse, Dataset, Failure, JobStatus, LoraSettings, TrainingAsked, TrainingEstimate, TrainLoraRequest } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { debounced, latest } from "../../shared/latest";
import { session } from "../../shared/session.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { type Choice, examplesPath, guessed } from "./examples";
import { isEncoder, isLora, type Planned, type Read } from "./kinds";
import { scoring } from "./leads/scoring.svelte";
import { isWhole, USUAL, USUAL_SPLIT } from "./presets";
import { told } from "./readpresets";
import { reads } from "./reads.svelte";

/** The one thing that is missing before a training can begin. */
export type Missing = "data" | "columns" | "model" | "examples" | "estimate" | "room" | null;

class Plan {
  taught = $state<Planned>("write");
  from = $state<"table" | "file">("table");
  prompt = $state("");
  reply = $state("");
  keepPersonal = $state(false);
  file = $state.raw<PickedFile | null>(null);
  model = $state("");
  split = $state<number | null>(USUAL_SPLIT);
  settings = $state<LoraSettings>({ ...USUAL });

  /** What was made of the table, and of which choice. */
  built = $state.raw<{ key: string; response: BuildExamplesResponse } | null>(null);
  estimate = $state.raw<TrainingEstimate | null>(null);
  /** Whether the estimate is of other settings than those on screen. */
  estimating = $state(false);
  starting = $state(false);
  examplesFailure = $state.raw<Failure | null>(null);
  estimateFailure = $state.raw<Failure | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Whether the view is on screen: else what fails is told in the corner. */
  shown = false;

  /** The table in focus. */
  table = $state.raw<Dataset | null>(null);
  private building = "";

  readonly choice = $derived.by((): Choice | null => {
    if (this.table === null || this.prompt === "" || this.reply === "" || this.prompt === this.reply) return null;
    return { dataset: this.table.id, table: this.table.name, prompt: this.prompt, reply: this.reply, keepPersonal: this.keepPersonal };
  });
  private readonly key = $derived(JSON.stringify(this.choice));
  /** What was made of the choice as it is now. */
  readonly examples = $derived(this.from === "table" && this.choice !== null && this.built?.key === this.key ? this.built.response : null);
  readonly trainFile = $derived(this.from === "file" ? (this.file?.path ?? null) : (this.examples?.out ?? null));

  /** Whether classes are to be learned by a regression. */
  readonly isLinear = $derived(this.taught === "classify" && reads.how === "linear");
  /** Whether what is learned takes seconds: without a model, and without an estimate. */
  readonly inSeconds = $derived(this.isLinear || this.taught === "leads");
  /** What would be asked for; null while something is missing. */
  readonly request = $derived.by((): TrainingAsked | null => {
    if (this.isLinear || this.taught === "leads") return null;
    return this.taught === "write" ? this.writing() : reads.request(this.taught, this.table);
  });

  readonly missing = $derived.by((): Missing => {
    const first = this.taught === "write" ? this.missingToWrite() : this.missingToRead(this.taught);
    if (first !== null || this.inSeconds) return first;
    if (this.request === null || this.estimate === null || this.estimating || this.estimateFailure !== null) return "estimate";
    return this.estimate.fits ? null : "room";
  });

  private writing(): TrainLoraRequest | null {
    const settings = $state.snapshot(this.settings);
    if (this.trainFile === null || this.model === "" || this.split === null || !isWhole(settings)) return null;
    return { base_model: this.model, train_file: this.trainFile, validation_split: this.split, settings };
  }

  private missingToWrite(): Missing {
    if (this.from === "table" ? this.table === null : this.file === null) return "data";
    if (this.from === "table" && this.choice === null) return "columns";
    if (this.model === "") return "model";
    return this.trainFile === null ? "examples" : null;
  }

  private missingToRead(taught: Read | "leads"): Missing {
    if (taught === "leads") return this.table === null ? "data" : scoring.target === "" ? "columns" : null;
    if (!reads.hasData(taught, this.table)) return "data";
    if (taught === "classify" && !reads.hasColumns(this.table)) return "columns";
    return reads.model === "" && !this.isLinear ? "model" : null;
  }

  private readonly take = latest<TrainingEstimate>(
    (estimate) => Object.assign(this, { estimate, estimating: false, estimateFailure: null }),
    (error) => Object.assign(this, { estimating: false, estimateFailure: failureOf(error) }),
  );
  private readonly ask = debounced(350, (request: TrainingAsked) => {
    const started = (job: JobStatus) => (this.asked = job.id);
    this.take(isEncoder(request) ? jobs.run("estimate_encoder", request, started) : jobs.run("estimate_training", request, started));
  });
  /** The job that works on the newest estimate. */
  private asked: number | null = null;

  /** Follows the table in focus: the columns of another mean nothing in this one. */
  open(table: Dataset | null): void {
    if (table?.id === this.table?.id) return;
    this.table = table;
    const { prompt, reply } = guessed(table?.columns ?? []);
    Object.assign(this, { prompt, reply, built: null, examplesFailure: null });
    reads.open(table);
    scoring.open(table);
  }

  /** Chooses what is taught. */
  turnTo(taught: Planned): void {
    if (taught === this.taught) return;
    this.taught = taught;
    this.failure = null;
    if (taught !== "write" && taught !== "leads") reads.turnTo(taught);
  }

  /** Writes the examples of the choice, once the model too is chosen. Reads what it depends on, for an effect to follow. */
  followChoice(): void {
    const { choice, key } = this;
    if (this.taught !== "write" || choice === null || this.from !== "table" || this.model === "" || this.examples !== null || this.building === key) return;
    void this.build(choice, key);
  }

  /** Asks what the training would need. Reads what it depends on, for an effect to follow. */
  followRequest(): void {
    const { request } = this;
    this.take.drop();
    this.ask.cancel();
    untrack(() => this.dropEstimate());
    this.estimateFailure = null;
    this.estimating = request !== null;
    if (request === null) this.estimate = null;
    else this.ask(request);
  }

  /** Takes the settings that would fit. */
  takeFitting(): void {
    const fitting = this.estimate?.would_fit;
    if (fitting === undefined) return;
    if (isLora(fitting)) this.settings = { ...fitting };
    else reads.settings = told(fitting);
  }

  /** Takes model, examples and settings of an earlier training, to be changed. */
  async takeFrom(request: TrainingAsked): Promise<void> {
    if (!isEncoder(request)) return this.takeWriting(request);
    const { task } = request;
    const dataset = task.kind === "classify" && "dataset" in task.source ? task.source.dataset : undefined;
    if (dataset !== undefined && dataset !== this.table?.id) {
      await session.openDataset(dataset);
      this.open(session.dataset);
    }
    this.turnTo(task.kind);
    reads.takeFrom(request);
  }

  private takeWriting({ base_model, train_file, validation_split, settings }: TrainLoraRequest): void {
    this.turnTo("write");
    this.from = "file";
    this.file = { path: train_file, name: fileName(train_file) };
    this.model = base_model;
    this.split = validation_split ?? USUAL_SPLIT;
    this.settings = { ...USUAL, ...settings };
  }

  /** Trains as it is planned, or as an earlier training was. */
  async train(request: TrainingAsked | null = this.request): Promise<void> {
    if (request === null || this.starting) return;
    this.failure = null;
    this.starting = true;
    try {
      const started = () => (this.starting = false);
      await (isEncoder(request) ? jobs.run("train_encoder", request, started) : jobs.run("train_lora", request, started));
    } catch (error) {
      this.tell(error);
    } finally {
      this.starting = false;
    }
  }

  /** Learns classes, or what leads convert, in seconds; the figures are what the job answers. */
  async trainInSeconds(): Promise<void> {
    const [classes, leads] = this.taught === "leads" ? [null, scoring.request(this.table)] : [reads.linear(this.table), null];
    if ((classes ?? leads) === null || this.starting) return;
    this.failure = null;
    this.starting = true;
    try {
      if (classes !== null) await jobs.run("train_classifier", classes);
      if (leads !== null) await jobs.run("train_leads", leads);
    } catch (error) {
      this.tell(error);
    } finally {
      this.starting = false;
    }
  }

  private tell(error: unknown): void {
    const failure = failureOf(error);
    if (!this.shown) toasts.fail(error);
    else if (failure.code !== "cancelled") this.failure = failure;
  }

  /** An estimate of settings that are no longer on screen is work for nothing. */
  private dropEstimate(): void {
    const job = jobs.running.find((one) => one.id === this.asked);
    this.asked = null;
    if (job !== undefined) void jobs.steer("cancel", job);
  }

  private async build(choice: Choice, key: string): Promise<void> {
    this.building = key;
    this.examplesFailure = null;
    try {
      const { home } = await host.call("about", {});
      const response = await jobs.run("build_examples", {
        source: { dataset: choice.dataset },
        prompt_col: choice.prompt,
        reply_col: choice.reply,
        keep_personal: choice.keepPersonal,
        out: examplesPath(home, choice),
      });
      this.built = { key, response };
    } catch (error) {
      if (this.key !== key) return;
      if (this.shown) this.examplesFailure = failureOf(error);
      else toasts.fail(error);
    } finally {
      // A choice that failed is not tried again until it changes.
      if (this.building === key && this.built?.key === key) this.building = "";
    }
  }
}

export const plan = new Plan();
