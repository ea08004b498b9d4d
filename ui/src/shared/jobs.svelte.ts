/** Jobs as they run: the tray draws this list, views wait on it. */
import { failureOf, MiranteError, type Job } from "../backend/backend";
import type { JobStatus, Operations } from "../gen/operations";
import { host } from "./host.svelte";
import { t } from "./i18n.svelte";
import { whatFailed } from "./failure";
import { toasts } from "./toasts.svelte";

/** Whether a job's rows are those of a table. */
export function reads({ request }: JobStatus, dataset: number): boolean {
  return (request as { source?: { dataset?: number } } | null)?.source?.dataset === dataset;
}

type Ended = (job: JobStatus) => void;

/** Whether a job will not change by itself any more. */
export function hasEnded(job: JobStatus): boolean {
  return job.state === "done" || job.state === "failed" || job.state === "cancelled" || job.state === "interrupted";
}

/**
 * The newer of two reports on one job. The answer to a request may arrive after the event that
 * says the job is done, so nothing replaces a final state.
 */
export function newer(old: JobStatus | undefined, now: JobStatus): JobStatus {
  const final = old !== undefined && (old.state === "done" || old.state === "failed" || old.state === "cancelled");
  return final && !hasEnded(now) ? old : now;
}

/** The share of the step that is done, from 0 to 1; null where the whole is not known. */
export function partDone(job: JobStatus): number | null {
  return job.total === null || job.total === 0 ? null : Math.min(1, job.done / job.total);
}

/** Whether the person has Mirante before them: shown and in focus, not behind another window. */
export function attended(): boolean {
  return !document.hidden && document.hasFocus();
}

class Jobs {
  list = $state.raw<JobStatus[]>([]);
  running = $derived(this.list.filter((job) => !hasEnded(job)));
  private waiting = new Map<number, { resolve: Ended; reject: (error: unknown) => void }[]>();
  private listeners = new Set<Ended>();
  /** Requests for a job that have no answer yet, and jobs that failed meanwhile: the news of an end can outrun that answer. */
  private starting = 0;
  private early: JobStatus[] = [];
  private stop: (() => void) | null = null;

  /** Opens the stream of changes; again after the host was gone. */
  connect(): void {
    this.stop?.();
    this.stop = host.backend.onJob(
      (job) => this.take(job),
      // What changed while the stream was closed is read from the list; a call tells whether the host is gone.
      (open) => (open ? void this.refresh() : void host.call("about", {}).catch(() => {})),
    );
  }

  async refresh(): Promise<void> {
    try {
      const { jobs } = await host.call("jobs", { limit: 50 });
      for (const job of jobs.reverse()) this.take(job, this.list.some((known) => known.id === job.id));
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** The newest job of an operation that is done on a table: its answer stays at hand. */
  lastDone(operation: Job, dataset: number): JobStatus | undefined {
    return this.list.find((job) => job.operation === operation && job.state === "done" && reads(job, dataset));
  }

  /** Calls back whenever a job ends that was seen before its end. */
  onEnd(listener: Ended): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Runs an operation to its end. Rejects with its failure. */
  async run<K extends Job>(operation: K, request: Operations[K]["request"], started?: (job: JobStatus) => void): Promise<Operations[K]["response"]> {
    const job = await this.begun(host.start(operation, request));
    this.take(job);
    started?.(job);
    const ended = await this.ended(job.id);
    if (ended.state === "done") return ended.response as Operations[K]["response"];
    throw new MiranteError(ended.failure ?? { code: "cancelled", fields: {} });
  }

  /** Starts an operation again from a stored request. */
  async again(job: JobStatus): Promise<void> {
    try {
      this.take(await host.start(job.operation as Job, job.request as Operations[Job]["request"]));
    } catch (error) {
      toasts.fail(error);
    }
  }

  async steer(action: "cancel" | "pause" | "resume", job: JobStatus): Promise<void> {
    try {
      this.take(await host.call(action, { job: job.id }));
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** Waits for a job's number; what failed of it meanwhile is then its starter's to tell. */
  private async begun(start: Promise<JobStatus>): Promise<JobStatus> {
    this.starting += 1;
    try {
      const job = await start;
      this.early = this.early.filter((one) => one.id !== job.id);
      return job;
    } finally {
      this.starting -= 1;
      if (this.starting === 0) for (const { failure } of this.early.splice(0)) toasts.fail(failure);
    }
  }

  private ended(id: number): Promise<JobStatus> {
    return new Promise((resolve, reject) => {
      const now = this.list.find((job) => job.id === id);
      if (now !== undefined && hasEnded(now)) return resolve(now);
      this.waiting.set(id, [...(this.waiting.get(id) ?? []), { resolve, reject }]);
    });
  }

  private take(report: JobStatus, tell = true): void {
    const old = this.list.find((job) => job.id === report.id);
    const job = newer(old, report);
    const rest = this.list.filter((other) => other.id !== job.id);
    this.list = [job, ...rest].sort((a, b) => b.id - a.id).slice(0, 100);
    if (!hasEnded(job) || (old !== undefined && hasEnded(old))) return;
    for (const { resolve } of this.waiting.get(job.id) ?? []) resolve(job);
    const awaited = this.waiting.delete(job.id);
    if (!tell) return;
    for (const listener of this.listeners) listener(job);
    // Whoever waits for a job shows its failure; the rest is shown here.
    if (job.failure !== null && !awaited && this.starting > 0) this.early.push(job);
    else if (job.failure !== null && !awaited) toasts.fail(job.failure);
    if (!attended() && job.state !== "cancelled") this.notice(job);
  }

  private notice(job: JobStatus): void {
    const title = t(`operations.${job.operation}`);
    const failed = job.state === "failed" && job.failure !== null;
    host.backend.notice(title, failed ? whatFailed(failureOf(job.failure)) : t(`states.${job.state}`));
  }
}

export const jobs = new Jobs();
