/** How good a model is, measured on judged examples: questions with their answers, or queries with what is relevant to them. */
import { failureOf, type PickedFile } from "../../backend/backend";
import type { EvalQaResponse, EvalRetrievalResponse, Failure, JobStatus, ModelEntry, SearchMode } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
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

type Found = { task: "answer"; model: string; response: EvalQaResponse } | { task: "embed"; model: string; response: EvalRetrievalResponse };

class Measuring {
  dataset = $state.raw<PickedFile | null>(null);
  /** Most questions; null for all of them. */
  limit = $state<number | null>(null);
  corpus = $state.raw<PickedFile | null>(null);
  queries = $state.raw<PickedFile | null>(null);
  qrels = $state.raw<PickedFile | null>(null);
  mode = $state<SearchMode>("hybrid");
  found = $state.raw<Found | null>(null);
  failure = $state.raw<Failure | null>(null);

  /** Whether what is measured on is there. */
  canRun(task: MeasuredTask): boolean {
    return task === "answer" ? this.dataset !== null : BEIR.every((one) => this[one] !== null);
  }

  jobOf(model: ModelEntry): JobStatus | undefined {
    return jobs.running.find((job) => (job.operation === "eval_qa" || job.operation === "eval_retrieval") && (job.request as { settings?: { model?: string } }).settings?.model === model.repository);
  }

  async run(task: MeasuredTask, model: ModelEntry): Promise<void> {
    if (!this.canRun(task)) return;
    this.failure = null;
    this.found = null;
    try {
      this.found = task === "answer" ? { task, model: model.repository, response: await this.answers(model) } : { task, model: model.repository, response: await this.retrieval(model) };
    } catch (error) {
      const failure = failureOf(error);
      if (!trial.isSeen(model, "measure")) toasts.fail(error);
      else if (failure.code !== "cancelled") this.failure = failure;
    }
  }

  private async answers(model: ModelEntry): Promise<EvalQaResponse> {
    const { home } = await host.call("about", {});
    const { dataset, limit } = this;
    return jobs.run("eval_qa", {
      dataset: dataset?.path ?? "",
      settings: settingsOf(model.repository),
      ...(limit === null ? {} : { limit }),
      predictions_out: within(home, "exports", `${soundName(`${model.id}-${dataset?.name ?? ""}`)}.json`),
    });
  }

  private retrieval(model: ModelEntry): Promise<EvalRetrievalResponse> {
    const [corpus, queries, qrels] = BEIR.map((one) => this[one]?.path ?? "");
    // Words alone need no model.
    return jobs.run("eval_retrieval", { corpus, queries, qrels, mode: this.mode, ...(this.mode === "words" ? {} : { settings: vectorsBy(model.repository) }) });
  }
}

export const measuring = new Measuring();
