/** A model being tried: which, with what, and what came of it. Outlives the view, so that nothing written is lost. */
import { failureOf } from "../../backend/backend";
import type { Failure, ModelEntry } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { ask, asked, type Inputs, NOTHING, type Outcome } from "./asking";
import { type Task, taskOf } from "./tasks";

/** What can be done with a model: asked about a text, or about the rows of a table, or measured. */
export type Side = "try" | "apply" | "measure";

export function sidesOf(task: Task | null): readonly Side[] {
  return task === "embed" || task === "answer" ? ["try", "apply", "measure"] : ["try", "apply"];
}

class Trial {
  model = $state.raw<ModelEntry | null>(null);
  /** The folder of an adapter that is put on it. */
  adapter = $state<string | null>(null);
  /** Whether it is what a training came to, which no list may have. */
  isTaught = $state(false);
  side = $state<Side>("try");
  inputs = $state<Inputs>({ ...NOTHING });
  outcome = $state.raw<Outcome | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Whether the model is at work on what was asked last. */
  busy = $state(false);
  /** Seconds that the last answer took. */
  seconds = $state(0);
  /** Whether the panel is on screen. */
  shown = false;

  private jobId = $state<number | null>(null);
  private question = $state("");

  readonly task = $derived(this.model === null ? null : this.adapter === null ? taskOf(this.model) : "generate");
  /** The job that works on what was asked, for its progress and its end by hand. */
  readonly job = $derived(jobs.running.find((job) => job.id === this.jobId));
  /** The text that is being written, or was until it was stopped; null once it is whole. */
  readonly writing = $derived.by(() => {
    const job = jobs.list.find((job) => job.id === this.jobId);
    return job === undefined || job.state === "done" || job.state === "failed" ? null : job.text;
  });
  /** Whether what is on screen answers something else than what is written now. */
  readonly stale = $derived(this.outcome !== null && this.task !== null && asked(this.task, this.inputs) !== this.question);

  /** Which asking is the newest: an older one's answer does not count. */
  private turn = 0;

  /** Opens a model's panel. */
  open(model: ModelEntry): void {
    const same = this.model?.repository === model.repository && this.adapter === null;
    this.model = model;
    [this.adapter, this.isTaught] = [null, false];
    if (same) return;
    this.forget();
    // Not every task is measured.
    if (!sidesOf(this.task).includes(this.side)) this.side = "try";
  }

  /** Opens a model with what it was taught. */
  async openAdapter(model: string, adapter: string): Promise<void> {
    try {
      const entry = await host.call("model", { model });
      this.forget();
      [this.model, this.adapter, this.isTaught, this.side] = [entry, adapter, true, "try"];
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** Opens a model that was taught, by its folder. */
  async openTaught(folder: string, task: Task, name: string): Promise<void> {
    try {
      const entry = await host.call("model", { model: folder });
      this.forget();
      // What is asked names the folder: no list knows it by another name.
      [this.model, this.adapter, this.isTaught, this.side] = [{ ...entry, id: name, repository: folder, task }, null, true, "try"];
    } catch (error) {
      toasts.fail(error);
    }
  }

  close(): void {
    [this.model, this.adapter, this.isTaught] = [null, null, false];
    this.forget();
  }

  /** Follows the list: a model that is gone cannot be tried. */
  follow(models: readonly ModelEntry[]): void {
    const { model } = this;
    // What was taught may be a folder that no list has.
    if (model === null || this.isTaught) return;
    const now = models.find((one) => one.repository === model.repository);
    if (now === undefined || !now.here) this.close();
    else this.model = now;
  }

  async run(): Promise<void> {
    const { model, task, adapter } = this;
    if (model === null || task === null || this.busy) return;
    this.turn += 1;
    const mine = this.turn;
    const inputs = $state.snapshot(this.inputs);
    const begun = performance.now();
    this.busy = true;
    this.failure = null;
    try {
      const outcome = await ask(task, model.repository, adapter, inputs, (job) => mine === this.turn && (this.jobId = job.id));
      if (mine !== this.turn) return;
      this.outcome = outcome;
      this.question = asked(task, inputs);
      this.seconds = (performance.now() - begun) / 1000;
    } catch (error) {
      const failure = failureOf(error);
      if (mine !== this.turn || !this.isSeen(model, "try")) toasts.fail(error);
      else if (failure.code !== "cancelled") this.failure = failure;
    } finally {
      if (mine === this.turn) this.busy = false;
    }
  }

  /** Whether that side of a model's panel is before the person: else what fails is told in the corner. */
  isSeen(model: ModelEntry, side: Side): boolean {
    return this.shown && this.side === side && this.model?.repository === model.repository;
  }

  /** What is under way does not matter here any more; a job goes on where the person can see it. */
  private forget(): void {
    this.turn += 1;
    this.jobId = null;
    this.busy = false;
    this.outcome = null;
    this.failure = null;
  }
}

export const trial = new Trial();
