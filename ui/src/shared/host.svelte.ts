/** The host in use, and whether it can be reached. */
import { type Backend, type Bytes, failureOf, fileName, type Job, type Query } from "../backend/backend";
import type { Dataset, JobStatus, Operations } from "../gen/operations";
import { t } from "./i18n.svelte";

class Host {
  /** Set once, before the screen is drawn. */
  backend!: Backend;
  /** True while calls fail for want of an answer. */
  gone = $state(false);

  call<K extends Query>(operation: K, request: Operations[K]["request"]): Promise<Operations[K]["response"]> {
    return this.watch(this.backend.call(operation, request));
  }

  bytes<K extends Bytes>(operation: K, request: Operations[K]["request"]): Promise<ArrayBuffer> {
    return this.watch(this.backend.bytes(operation, request));
  }

  start<K extends Job>(operation: K, request: Operations[K]["request"]): Promise<JobStatus> {
    return this.watch(this.backend.start(operation, request));
  }

  private async watch<T>(work: Promise<T>): Promise<T> {
    try {
      const value = await work;
      this.gone = false;
      return value;
    } catch (error) {
      const { code } = failureOf(error);
      this.gone = code === "server_gone";
      throw error;
    }
  }
}

export const host = new Host();

/** Where a table came from, in few words: the sample, or the file's name. */
export function origin({ path, is_sample }: Pick<Dataset, "path" | "is_sample">): string {
  return is_sample ? t("facts.sample") : fileName(path);
}

/** A path as the person knows it: what a browser sent lies in a folder of Mirante's own. */
export function shownPath(path: string): string {
  return host.backend?.host === "browser" && /[\\/]uploads[\\/]/.test(path) ? fileName(path) : path;
}
