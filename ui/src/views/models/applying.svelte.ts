/** A model asked about every row of a table: what is asked, and what was written. */
import { failureOf, fileName } from "../../backend/backend";
import type { Dataset, Failure, InferredTable, InferTable, JobStatus, ModelEntry } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { number, t, tn } from "../../shared/i18n.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { session } from "../../shared/session.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { settingsOf, systemOf, writingOf } from "./asking";
import { ordered, resultFile } from "./columns";
import { type Task, taskOf } from "./tasks";
import { trial } from "./trial.svelte";

export type TableTask = Exclude<Task, "embed">;

/** A table that was written: from which, and what by. */
export interface Written {
  from: Dataset;
  model: string;
  result: InferredTable;
}

/** How many classes a message in the corner tells. */
const TOLD = 4;

/** Whether a job asks this model about this table. */
function isOf({ operation, request }: JobStatus, task: Task, model: string, dataset: number): boolean {
  const { table, settings } = (request ?? {}) as { table?: InferTable; settings?: { model?: string } };
  const source = table?.source as { dataset?: number } | undefined;
  return operation === `${task}_table` && settings?.model === model && source?.dataset === dataset;
}

class Applying {
  /** Empty: the table's usual ones. */
  columns = $state.raw<string[]>([]);
  /** The new column as the person calls it; null until they say. */
  column = $state<string | null>(null);
  /** What is said to a model of every row. */
  instruction = $state("");
  failure = $state.raw<Failure | null>(null);
  written = $state.raw<Written | null>(null);
  /** What the choices above were made for, and the model that failed. */
  private made = "";
  private by = "";

  /** Choices of another table or task mean nothing here. */
  open(dataset: Dataset, model: ModelEntry): void {
    const [made, by] = [JSON.stringify([dataset.id, model.task]), model.repository];
    if (made !== this.made || by !== this.by) this.failure = null;
    this.by = by;
    if (made === this.made) return;
    this.made = made;
    this.columns = [];
    this.column = null;
  }

  jobOf(dataset: Dataset, model: ModelEntry): JobStatus | undefined {
    const task = taskOf(model);
    return task === null ? undefined : jobs.running.find((job) => isOf(job, task, model.repository, dataset.id));
  }

  async apply(task: TableTask, model: ModelEntry, dataset: Dataset, column: string): Promise<void> {
    this.failure = null;
    try {
      const place = await host.backend.destination(resultFile(dataset.name, column));
      if (place === null) return;
      this.written = null;
      const table: InferTable = { source: { dataset: dataset.id }, ...(place.path === undefined ? {} : { out: place.path }), column, ...(this.columns.length > 0 ? { text_cols: this.columns } : {}) };
      const result = await this.start(task, model.repository, table);
      this.written = { from: dataset, model: model.id, result };
      host.backend.deliver(result.out);
      this.say(this.written);
    } catch (error) {
      const failure = failureOf(error);
      if (!trial.isSeen(model, "apply")) toasts.fail(error);
      else if (failure.code !== "cancelled") this.failure = failure;
    }
  }

  /** Makes a table of what was written. In the table's own dialect where it had one, for so it was written. */
  async bringIn({ from, result }: Written): Promise<void> {
    await session.importWritten(result.out, from.format === "csv" ? from.options : undefined);
  }

  private start(task: TableTask, model: string, table: InferTable): Promise<InferredTable> {
    const inputs = $state.snapshot(trial.inputs);
    const settings = settingsOf(model, trial.adapter);
    switch (task) {
      case "answer":
        return jobs.run("answer_table", { question: inputs.question, table, settings });
      case "generate":
        return jobs.run("generate_table", { prompt: this.instruction, ...systemOf(inputs), table, writing: writingOf(inputs), settings });
      case "classify":
        return jobs.run("classify_table", { table, settings });
      case "tag":
        return jobs.run("tag_table", { table, settings });
      case "summarize":
        return jobs.run("summarize_table", { table, settings });
    }
  }

  private say(written: Written): void {
    const { rows, out, counts } = written.result;
    const all = ordered(counts);
    const some = all.slice(0, TOLD).map(([name, n]) => `${name} ${number(n)}`);
    if (all.length > TOLD) some.push(t("models.apply.and_more", { n: all.length - TOLD }));
    const told = tn("models.apply.written", rows, { file: fileName(out) });
    toasts.say(some.length === 0 ? told : `${told} ${some.join(" · ")}`, { label: t("models.apply.import"), run: () => void this.bringIn(written) });
  }
}

export const applying = new Applying();
