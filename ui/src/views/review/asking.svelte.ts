/** The search that is prepared or at work: in which documents, for what, by whom. Outlives the view. */
import { failureOf, fileName, type PickedFile } from "../../backend/backend";
import type { AskQaRequest, AskQaResponse, Failure, JobStatus } from "../../gen/operations";
import { jobs } from "../../shared/jobs.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { settingsOf } from "../models/asking";
import { reviewing, type Searched } from "./reviewing.svelte";

/** The one thing that is missing before a search can begin. */
export type Missing = "zip" | "text" | "fields" | "question" | "model" | null;

class Asking {
  from = $state<"zip" | "text">("zip");
  file = $state.raw<PickedFile | null>(null);
  text = $state("");
  about = $state<"fields" | "question">("fields");
  /** The fields that are not looked for. */
  without = $state.raw<ReadonlySet<string>>(new Set());
  question = $state("");
  /** The model that is asked too; empty: rules alone. */
  model = $state("");
  /** In hundredths. */
  least = $state<number | null>(0);
  /** The fields that the rules know; null until they are read. */
  fields = $state.raw<string[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  busy = $state(false);
  /** Whether the view is on screen: else what fails is told in the corner. */
  shown = false;
  private jobId = $state<number | null>(null);
  readonly job = $derived(jobs.running.find((one) => one.id === this.jobId));
  private readonly chosen = $derived((this.fields ?? []).filter((name) => !this.without.has(name)));

  readonly missing = $derived.by((): Missing => {
    if (this.from === "zip" && this.file === null) return "zip";
    if (this.from === "text" && this.text.trim() === "") return "text";
    if (this.about === "fields") return this.fields !== null && this.chosen.length === 0 ? "fields" : null;
    if (this.question.trim() === "") return "question";
    return this.model === "" ? "model" : null;
  });

  readonly request = $derived.by((): AskQaRequest => {
    const { file, text, about, model } = this;
    return {
      ...(this.from === "zip" ? { zip: file?.path ?? "" } : { text }),
      ...(about === "question" ? { question: this.question.trim() } : this.without.size === 0 ? {} : { fields: this.chosen }),
      ...(model === "" ? {} : { settings: settingsOf(model) }),
      ...(this.least ? { min_score: this.least / 100 } : {}),
    };
  });

  /** Takes an archive that was chosen or dropped. */
  take(file: PickedFile): void {
    [this.from, this.file, this.failure] = ["zip", file, null];
  }

  /** Searches as it is prepared. */
  async run(): Promise<void> {
    if (this.missing === null) await this.search(this.request);
  }

  /** Searches again what was searched before. */
  async again({ request }: Searched): Promise<void> {
    reviewing.close();
    await this.search(request);
  }

  private async search(request: AskQaRequest): Promise<void> {
    if (this.busy) return;
    this.failure = null;
    this.busy = true;
    try {
      const response = await jobs.run("ask_qa", request, (job) => (this.jobId = job.id));
      // Whoever began to judge something else meanwhile is not torn away from it.
      if (reviewing.searched === null) await reviewing.open({ request, response });
    } catch (error) {
      const failure = failureOf(error);
      if (!this.shown) toasts.fail(error);
      else if (failure.code !== "cancelled") this.failure = failure;
    } finally {
      [this.busy, this.jobId] = [false, null];
    }
  }
}

export const asking = new Asking();

/** The searches whose results are at hand, the newest of each first. */
export function recent(list: readonly JobStatus[], most = 4): (Searched & { id: number; at: number })[] {
  const seen = new Set<string>();
  const all = list.filter((job) => job.operation === "ask_qa" && job.state === "done" && job.response !== null);
  const searches = all.map((job) => ({ id: job.id, at: job.created_at, request: job.request as AskQaRequest, response: job.response as AskQaResponse }));
  // Answers of an earlier Mirante did not say which document they are of.
  const fresh = searches.filter(({ request, response }) => {
    const key = JSON.stringify(request);
    return response.documents !== undefined && !seen.has(key) && seen.add(key);
  });
  return fresh.slice(0, most);
}

/** What was searched, in few words. */
export function subject({ zip, text }: AskQaRequest): string {
  return zip === undefined ? (text ?? "").trim().replace(/\s+/g, " ").slice(0, 60) : fileName(zip);
}
