/** The vectors of a table's texts, written to a file: what is asked, and what was written. */
import { failureOf, fileName } from "../../backend/backend";
import type { Dataset, EmbedTableResponse, Failure, JobStatus, ModelEntry, VectorFormat } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { t, tn } from "../../shared/i18n.svelte";
import { jobs, reads } from "../../shared/jobs.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { soundName, vectorsBy } from "../search/indexes";
import { trial } from "./trial.svelte";

/** With an extension of its own each: the file's name says which it is. */
export const FORMATS = ["parquet", "npy", "jsonl", "json"] as const satisfies readonly VectorFormat[];

class Vectors {
  /** Empty: the table's usual ones. */
  columns = $state.raw<string[]>([]);
  /** The column that a row is known by; empty: its place. */
  id = $state("");
  format = $state<VectorFormat>("parquet");
  failed = $state.raw<{ from: number; model: string; failure: Failure } | null>(null);
  written = $state.raw<{ from: number; model: string; result: EmbedTableResponse } | null>(null);
  private made: number | null = null;

  /** Choices of another table mean nothing here. */
  open(dataset: Dataset): void {
    if (dataset.id === this.made) return;
    this.made = dataset.id;
    Object.assign(this, { columns: [], id: "" });
  }

  jobOf(dataset: Dataset, model: ModelEntry): JobStatus | undefined {
    return jobs.running.find((job) => job.operation === "embed_table" && reads(job, dataset.id) && (job.request as { settings?: { model?: string } }).settings?.model === model.repository);
  }

  async write(model: ModelEntry, dataset: Dataset): Promise<void> {
    this.failed = null;
    try {
      const place = await host.backend.destination(`${soundName(`${dataset.name}-embedding`)}.${this.format}`);
      if (place === null) return;
      this.written = null;
      const result = await jobs.run("embed_table", {
        source: { dataset: dataset.id },
        ...(this.columns.length > 0 ? { text_cols: this.columns } : {}),
        ...(this.id === "" ? {} : { id_col: this.id }),
        settings: vectorsBy(model.repository),
        ...(place.path === undefined ? {} : { out: place.path }),
        format: this.format,
      });
      this.written = { from: dataset.id, model: model.repository, result };
      host.backend.deliver(result.out);
      toasts.say(tn("models.vectors.written", result.rows, { file: fileName(result.out) }));
    } catch (error) {
      const failure = failureOf(error);
      if (!trial.isSeen(model, "apply") || this.made !== dataset.id) toasts.fail(error);
      else if (failure.code !== "cancelled") this.failed = { from: dataset.id, model: model.repository, failure };
    }
  }

  /** What a format is good for. */
  what(): string {
    return t(`models.vectors.formats.${this.format}`);
  }
}

export const vectors = new Vectors();
