/** What is open: the dataset in focus, its runs, the view on screen, and what the inspector shows. */
import { fileName, type PickedFile } from "../backend/backend";
import type { Dataset, JobStatus, ReadOptions, Run, SegmentSettings } from "../gen/operations";
import { chosen } from "./chosen.svelte";
import { host } from "./host.svelte";
import { t } from "./i18n.svelte";
import { jobs } from "./jobs.svelte";
import { toasts } from "./toasts.svelte";

export type Place = "data" | "segments" | "search" | "models" | "train" | "review" | "settings";

/** What the inspector tells about. */
export type Focus =
  | { kind: "row"; row: number; column: string | null }
  | { kind: "column"; column: string }
  | { kind: "segment"; segment: number }
  | { kind: "run" };

/** scikit-learn's defaults but for the words left out: the tables here are mostly Portuguese. */
export const DEFAULT_SETTINGS: SegmentSettings = {
  text_cols: [],
  clusters: 8,
  max_features: 500,
  min_df: 2,
  max_df: 0.95,
  n_init: 10,
  seed: 42,
  stable: false,
  stop_words: "pt",
};

class Session {
  place = $state<Place>("data");
  datasets = $state.raw<Dataset[]>([]);
  dataset = $state.raw<Dataset | null>(null);
  runs = $state.raw<Run[]>([]);
  run = $derived(this.runs.find((run) => run.id === this.dataset?.run) ?? null);
  /** The file whose preview is open. */
  importing = $state.raw<PickedFile | null>(null);
  focus = $state.raw<Focus | null>(null);
  inspectorOpen = $state(true);
  issuesOpen = $state(false);
  /** Whether the list of datasets was read yet. */
  ready = $state(false);
  /** Settings of the next segmentation. */
  settings = $state<SegmentSettings>({ ...DEFAULT_SETTINGS });

  /** How often the dataset in focus was asked for, and which of the answers is on screen. */
  private asked = 0;
  private shown = 0;

  readonly segments = $derived(this.run?.result.segments ?? []);

  /** What a segment is called: the person's name for it, else its first terms. */
  nameOf(id: number): string {
    const segment = this.segments.find((one) => one.id === id);
    if (segment === undefined) return "";
    return segment.name ?? segment.terms.slice(0, 3).map((one) => one.term).join(" · ");
  }

  /** Adds a segment to the choice or takes it away; the inspector follows. */
  toggleSegment(id: number, among: boolean): void {
    chosen.toggleSegment(id, among);
    const told = chosen.segments.includes(id) ? id : chosen.segments.at(-1);
    this.focus = told === undefined ? null : { kind: "segment", segment: told };
  }

  /** Chooses nothing; the inspector lets go of a segment. */
  clearChoice(): void {
    chosen.clearChoice();
    if (this.focus?.kind === "segment") this.focus = null;
  }

  constructor() {
    jobs.onEnd((job) => void this.afterJob(job));
  }

  async load(): Promise<void> {
    await this.reloadDatasets();
    this.ready = true;
  }

  async reloadDatasets(): Promise<void> {
    this.datasets = (await host.call("datasets", {})).datasets;
  }

  /** Puts a dataset in focus. */
  async openDataset(id: number): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    try {
      const [dataset, runs] = await Promise.all([host.call("dataset", { dataset: id }), host.call("runs", { dataset: id })]);
      if (mine < this.shown) return;
      this.shown = mine;
      this.runs = runs.runs;
      this.dataset = dataset;
      this.importing = null;
      this.focus = null;
      this.issuesOpen = false;
      chosen.clearAll();
      this.settings = { ...DEFAULT_SETTINGS, ...this.run?.request.settings };
      if (this.place === "settings") this.place = "data";
      await this.reloadDatasets();
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** Back to the first screen. */
  closeDataset(): void {
    this.dataset = null;
    this.runs = [];
    this.importing = null;
    this.focus = null;
    this.place = "data";
    chosen.clearAll();
  }

  openFile(file: PickedFile): void {
    this.importing = file;
    this.place = "data";
  }

  openPath(path: string): void {
    this.openFile({ path, name: fileName(path) });
  }

  /** Imports a file as it was previewed and, if asked, segments it. */
  async importFile(file: PickedFile, options: ReadOptions, segment: boolean): Promise<void> {
    await this.bringIn(() => jobs.run("import", { path: file.path, options }), segment);
  }

  /** Imports a table that Mirante itself wrote, and shows it. */
  async importWritten(path: string, options?: ReadOptions): Promise<void> {
    const work = async () => {
      const dataset = await jobs.run("import", { path, ...(options ? { options } : {}) });
      this.place = "data";
      return dataset;
    };
    await this.bringIn(work, false);
  }

  async importSample(): Promise<void> {
    await this.bringIn(() => jobs.run("import_sample", {}), false);
  }

  private async bringIn(work: () => Promise<Dataset>, segment: boolean): Promise<void> {
    try {
      const dataset = await work();
      await this.openDataset(dataset.id);
      if (segment) await this.segment();
      else if (dataset.run !== null) this.place = "segments";
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** Segments the dataset in focus with the settings at hand. */
  async segment(): Promise<void> {
    const dataset = this.dataset;
    if (dataset === null) return;
    this.place = "segments";
    try {
      await jobs.run("segment", { source: { dataset: dataset.id }, settings: $state.snapshot(this.settings) });
    } catch (error) {
      toasts.fail(error);
    }
  }

  async chooseRun(run: number): Promise<void> {
    if (this.dataset === null) return;
    await this.change(host.call("choose_run", { dataset: this.dataset.id, run }));
    this.clearChoice();
    this.settings = { ...DEFAULT_SETTINGS, ...this.run?.request.settings };
  }

  async renameSegment(segment: number, name: string): Promise<void> {
    if (this.run !== null) await this.change(host.call("rename_segment", { run: this.run.id, segment, name: name.trim() }));
  }

  async renameDataset(name: string): Promise<void> {
    if (this.dataset !== null && name.trim() !== "") await this.change(host.call("rename_dataset", { dataset: this.dataset.id, name: name.trim() }));
  }

  async removeDataset(id: number): Promise<void> {
    try {
      await host.call("remove_dataset", { dataset: id });
      if (this.dataset?.id === id) this.closeDataset();
      await this.reloadDatasets();
    } catch (error) {
      toasts.fail(error);
    }
  }

  async undo(): Promise<void> {
    try {
      const { undone, dataset } = await host.call("undo", {});
      if (undone === "choose_run") this.clearChoice();
      if (dataset !== null && dataset === this.dataset?.id) await this.refresh();
      await this.reloadDatasets();
      toasts.say(undone === null ? t("undo.nothing") : t(`undo.${undone}`));
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** Reads the dataset in focus and its runs again. An answer that comes late replaces no newer one. */
  async refresh(): Promise<void> {
    const id = this.dataset?.id;
    if (id === undefined) return;
    this.asked += 1;
    const mine = this.asked;
    const [dataset, runs] = await Promise.all([host.call("dataset", { dataset: id }), host.call("runs", { dataset: id })]);
    if (this.dataset?.id !== id || mine < this.shown) return;
    this.shown = mine;
    this.runs = runs.runs;
    this.dataset = dataset;
  }

  private async change(work: Promise<unknown>): Promise<void> {
    try {
      await work;
      await this.refresh();
      await this.reloadDatasets();
    } catch (error) {
      toasts.fail(error);
    }
  }

  private async afterJob(job: JobStatus): Promise<void> {
    if (job.state !== "done") return;
    try {
      if (job.operation === "import" || job.operation === "import_sample") await this.reloadDatasets();
      if (job.operation === "segment" || job.operation === "lay_out_map") {
        const before = this.dataset?.run;
        await this.refresh();
        if (this.dataset?.run !== before) {
          chosen.clearChoice();
          this.focus = { kind: "run" };
        }
      }
    } catch (error) {
      toasts.fail(error);
    }
  }
}

export const session = new Session();
