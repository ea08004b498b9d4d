/** How good a model is, measured on judged examples: questions with their answers, or queries with what is relevant to them. */
import { failureOf, type PickedFile } from "../../backend/backend";
import type { EvalQaResponse, EvalRetrievalResponse, Failure, JobStatus, ModelEntry, SearchMode } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { t } from "../../shared/i18n.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { soundName, vectorsBy } from "../search/indexes";
import { within } from "../train/examples";
import { settingsOf } from "./asking";
import { trial } from "./trial.svelte";

/** The tasks that are measured here. */
export const MEASURED = ["embed", "answer"] as const;
export type MeasuredTask = (typeof MEASURED)[number];

/** The files that judged retrieval comes in (BEIR, <https://github.com/beir-cellar/beir>). */
export const BEIR = ["corpus", "queries", "qrels"] as const;

type Found = { task: "answer"; response: EvalQaResponse } | { task: "embed"; response: EvalRetrievalResponse };

/** What came of measuring a model at a task: the job while it is at work, then what was found or why nothing was. */
interface Measured {
  job?: number;
  found?: Found;
  failure?: Failure;
}

class Measuring {
  dataset = $state.raw<PickedFile | null>(null);
  /** Most questions; null for all of them. */
  limit = $state<number | null>(null);
  corpus = $state.raw<PickedFile | null>(null);
  queries = $state.raw<PickedFile | null>(null);
  qrels = $state.raw<PickedFile | null>(null);
  mode = $state<SearchMode>("hybrid");
  private measured = $state.raw<Record<string, Measured>>({});

  /** Whether what is measured on is there. */
  canRun(task: MeasuredTask): boolean {
    return task === "answer" ? this.dataset !== null : BEIR.every((one) => this[one] !== null);
  }

  /** What is known of a model at a task. */
  of(task: MeasuredTask, model: ModelEntry): Measured {
    return this.measured[`${task} ${model.repository}`] ?? {};
  }

  jobOf(task: MeasuredTask, model: ModelEntry): JobStatus | undefined {
    const { job } = this.of(task, model);
    return jobs.running.find((one) => one.id === job);
  }

  async run(task: MeasuredTask, model: ModelEntry): Promise<void> {
    if (!this.canRun(task)) return;
    const keep = (now: Measured) => (this.measured = { ...this.measured, [`${task} ${model.repository}`]: now });
    const started = (job: JobStatus) => keep({ job: job.id });
    keep({});
    try {
      keep({ found: task === "answer" ? { task, response: await this.answers(model, started) } : { task, response: await this.retrieval(model, started) } });
      if (!trial.isSeen(model, "measure")) toasts.say(t("models.measure.done", { model: model.id }));
    } catch (error) {
      const failure = failureOf(error);
      keep({});
      if (!trial.isSeen(model, "measure")) toasts.fail(error);
      else if (failure.code !== "cancelled") keep({ failure });
    }
  }

  private async answers(model: ModelEntry, started: (job: JobStatus) => void): Promise<EvalQaResponse> {
    const path = this.dataset?.path ?? "";
    const { limit } = this;
    const { home } = await host.call("about", {});
    // By all that it depends on: another file of the same name, or fewer questions, are other answers.
    const name = [model.id, limit ?? "", ...path.split(/[\\/:]+/).reverse()].join(" ");
    const request = { dataset: path, settings: settingsOf(model.repository), ...(limit === null ? {} : { limit }), predictions_out: within(home, "exports", `${soundName(name)}.json`) };
    return jobs.run("eval_qa", request, started);
  }

  private retrieval(model: ModelEntry, started: (job: JobStatus) => void): Promise<EvalRetrievalResponse> {
    const [corpus, queries, qrels] = BEIR.map((one) => this[one]?.path ?? "");
    // Words alone need no model.
    return jobs.run("eval_retrieval", { corpus, queries, qrels, mode: this.mode, ...(this.mode === "words" ? {} : { settings: vectorsBy(model.repository) }) }, started);
  }
}

export const measuring = new Measuring();
