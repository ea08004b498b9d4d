/** Questions and answers made of folders of processes, to learn from. */
import { failureOf, fileName } from "../../backend/backend";
import type { BuildQaResponse, Failure } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { soundName } from "../search/indexes";
import { within } from "./examples";
import { reads } from "./reads.svelte";

class Processes {
  folder = $state("");
  /** Whether questions that a document does not answer are examples too. */
  allowEmpty = $state(true);
  built = $state.raw<BuildQaResponse | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Whether its fields are on screen: else what fails is told in the corner. */
  shown = false;

  /** Writes the examples of every archive in the folder; what comes out is what is learned from. */
  async build(): Promise<void> {
    const folder = this.folder.trim().replace(/[\\/]+$/, "");
    if (folder === "") return;
    this.failure = null;
    this.built = null;
    try {
      const { home } = await host.call("about", {});
      // By the whole path: folders of one name in two places are two files.
      const name = `${soundName([...folder.split(/[\\/:]+/).reverse(), this.allowEmpty ? "all" : "answered"].join(" "))}.jsonl`;
      this.built = await jobs.run("build_qa", { zip_dir: folder, allow_empty: this.allowEmpty, out: within(home, "examples", name) });
      // Unless something else is to be taught by now.
      if (reads.read === "answer") reads.trainFile = { path: this.built.out, name: fileName(this.built.out) };
    } catch (error) {
      const failure = failureOf(error);
      if (!this.shown) toasts.fail(error);
      else if (failure.code !== "cancelled") this.failure = failure;
    }
  }
}

export const processes = new Processes();
