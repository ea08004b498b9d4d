/** The trainings of this machine: the one before the person, step by step, and all that were. */
import { failureOf } from "../../backend/backend";
import type { Training } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { latest } from "../../shared/latest";
import { toasts } from "../../shared/toasts.svelte";
import { plan } from "./plan.svelte";

class Watching {
  /** Without their curves, the last first; null until they are read. */
  list = $state.raw<Training[] | null>(null);
  /** The training before the person, by its folder. */
  folder = $state<string | null>(null);
  /** It, with its curve. */
  training = $state.raw<Training | null>(null);
  /** Whether its end was asked for. */
  ending = $state(false);

  /** The job that trains, where this process is the one that does. */
  readonly job = $derived(jobs.running.find((job) => job.operation === "train_lora" || job.operation === "train_encoder"));
  /** Whether any training is at work, be it of this process or of another. */
  readonly busy = $derived(this.job !== undefined || (this.list ?? []).some((one) => one.state === "running"));

  private readonly takeList = latest<{ trainings: Training[] }>(
    ({ trainings }) => this.setList(trainings),
    (error) => toasts.fail(error),
  );
  private readonly takeOne = latest<Training>(
    (training) => {
      if (training.output_dir !== this.folder) return;
      this.training = training;
      // The list tells the same, without asking for it every second.
      this.list = (this.list ?? []).map((one) => (one.output_dir === training.output_dir ? { ...training, curve: [] } : one));
      if (training.state !== "running") this.ending = false;
    },
    // Polled every second: what is gone is told once, by the list.
    (error) => {
      if (failureOf(error).code === "unknown_training") this.choose(null);
    },
  );

  /** Reads the list, and the one before the person. */
  refresh(): void {
    this.takeList(host.call("trainings", {}));
    this.look();
  }

  /** Reads the training before the person again. */
  look(): void {
    if (this.folder !== null) this.takeOne(host.call("training", { output_dir: this.folder }));
  }

  choose(folder: string | null): void {
    if (folder === this.folder) return;
    this.folder = folder;
    this.training = null;
    this.ending = false;
    this.takeOne.drop();
    this.look();
  }

  /** Ends the training before the person; what it learned is kept where that is asked for. */
  async end(keep: boolean): Promise<void> {
    if (this.folder === null) return;
    this.ending = true;
    try {
      await host.call("stop_training", { output_dir: this.folder, keep });
    } catch (error) {
      this.ending = false;
      toasts.fail(error);
    }
    this.refresh();
  }

  /** Ends the training before the person without an adapter; it can be resumed from its last checkpoint. */
  async cancel(): Promise<void> {
    const { job } = this;
    if (job === undefined) return this.end(false);
    this.ending = true;
    await jobs.steer("cancel", job);
  }

  /** Goes on with the training before the person where it was cut off. */
  resume(): void {
    const { training } = this;
    if (training !== null) void plan.train({ ...training.request, output_dir: training.output_dir, resume: true });
  }

  private setList(trainings: Training[]): void {
    const before = new Set((this.list ?? []).map((one) => one.output_dir));
    const running = trainings.find((one) => one.state === "running");
    const isNew = running !== undefined && (this.list === null || !before.has(running.output_dir) || this.folder === null);
    this.list = trainings;
    if (isNew) this.choose(running.output_dir);
    else if (this.folder === null || !trainings.some((one) => one.output_dir === this.folder)) this.choose(trainings[0]?.output_dir ?? null);
  }
}

export const watching = new Watching();
