/** What is looked for in the table in focus, and what was found: it stays while other views are open. */
import { failureOf } from "../../backend/backend";
import type { Failure, Index, JobStatus, SearchHit, SearchMode, SearchRequest, SearchResponse } from "../../gen/operations";
import { chosen } from "../../shared/chosen.svelte";
import { host } from "../../shared/host.svelte";
import { t } from "../../shared/i18n.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { debounced, latest } from "../../shared/latest";
import { session } from "../../shared/session.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { ui } from "../../shared/ui.svelte";
import { indexOf, isGiven } from "./indexes";

export const MODES: SearchMode[] = ["hybrid", "vector", "words"];
export const TOPS = [10, 25, 50];

/** A row whose like are looked for, and how its text begins. */
export interface Example {
  row: number;
  text: string;
}

/** An answer, with what it answers. */
interface Found {
  request: SearchRequest;
  response: SearchResponse;
  seconds: number;
}

/** What says that the filter is wrong, not the search. */
const OF_FILTER = ["bad_filter", "unknown_column"];

class Finder {
  query = $state("");
  filter = $state("");
  mode = $state<SearchMode>("hybrid");
  top = $state(25);
  like = $state.raw<Example | null>(null);
  /** All indexes; null until they were read. */
  indexes = $state.raw<Index[] | null>(null);
  found = $state.raw<Found | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Whether an answer takes long enough to be waited for. */
  slow = $state(false);
  /** The result that the keyboard is at. */
  active = $state(0);
  /** Whether the person wants the index to be made anew. */
  remaking = $state(false);
  /** Whether the keyboard goes on in the results as soon as they come. */
  goesOn = false;

  private dataset = $state<number | null>(null);

  readonly index = $derived(indexOf(this.indexes ?? [], this.dataset));
  /** Whether there are vectors to compare: rows with rows. */
  readonly hasMeaning = $derived(this.index?.space != null);
  /** Whether a query has a vector too: not where another program made those of the rows. */
  readonly asksMeaning = $derived(this.hasMeaning && !(this.index !== null && isGiven(this.index)));
  /** How it is looked: without vectors only words are left. */
  readonly how = $derived<SearchMode>(this.asksMeaning ? this.mode : "words");
  readonly results = $derived<SearchHit[]>(this.found?.response.results ?? []);
  readonly filterFailure = $derived(this.failure !== null && OF_FILTER.includes(this.failure.code) ? this.failure : null);
  readonly request = $derived.by<SearchRequest | null>(() => {
    if (this.index === null || (this.like === null && this.query.trim() === "")) return null;
    const filter = this.filter.trim();
    const what = this.like === null ? { query: this.query.trim(), mode: this.how } : { like: this.like.row };
    return { index: this.index.name, ...what, top: this.top, ...(filter === "" ? {} : { filter }) };
  });

  /** Whether what was found answers what is asked. */
  readonly current = $derived(this.found !== null && JSON.stringify(this.found.request) === JSON.stringify(this.request));

  private key = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly keep = latest<Found>(
    (found) => {
      this.settle(null);
      this.found = found;
      this.active = 0;
    },
    (error) => {
      const failure = failureOf(error);
      this.settle(failure.code === "cancelled" ? null : failure);
      // Another Mirante may have removed it.
      if (failure.code === "unknown_index") void this.readIndexes();
    },
  );
  private readonly ask = debounced(150, (request: SearchRequest) => this.send(request));

  constructor() {
    jobs.onEnd((job: JobStatus) => {
      if ((job.operation === "index_table" || job.operation === "update_index") && job.state === "done") void this.readIndexes();
    });
  }

  /** Looks into this table from now on. */
  open(dataset: number): void {
    if (this.dataset !== dataset) {
      this.forget();
      this.dataset = dataset;
    }
    void this.readIndexes();
  }

  async readIndexes(): Promise<void> {
    try {
      const { indexes } = await host.call("indexes", {});
      if (this.indexes === null) this.failure = null;
      this.indexes = indexes;
      if (!this.hasMeaning) this.like = null;
    } catch (error) {
      // Without them the view has nothing to show.
      if (this.indexes === null) this.failure = failureOf(error);
      else toasts.fail(error);
    }
  }

  /** Asks what is to be asked now, if it was not yet. Reads what it depends on, for an effect to follow. */
  follow(): void {
    const { request } = this;
    // Of an index that has changed the same is asked again.
    const key = request === null ? "" : JSON.stringify([request, this.index?.updated_at, this.index?.created_at]);
    if (key === this.key) return;
    this.key = key;
    if (request === null) this.stop();
    else this.ask(request);
  }

  /** Asks the same once more. */
  again(): void {
    this.key = "";
    this.follow();
  }

  /** Has an index go over to a newer version of its table. */
  async carryOn(index: Index, dataset: number): Promise<void> {
    const { added, changed, removed } = await jobs.run("update_index", { index: index.name, source: { dataset } });
    toasts.say(t("search_view.updated", { added, changed, removed }));
  }

  /** Looks for rows like a result. */
  moreLike(place: number): void {
    const hit = this.results[place];
    if (hit === undefined || !this.hasMeaning) return;
    this.like = { row: hit.row, text: hit.text.slice(0, 200) };
    this.goesOn = true;
  }

  /** Back to the query. The keyboard goes on in its results only where it comes from results: who goes to the query to write is left there. */
  unlike(goesOn = false): void {
    this.like = null;
    this.goesOn = goesOn;
  }

  /** Has the inspector tell of a result. */
  point(place: number): void {
    this.active = Math.max(0, Math.min(place, this.results.length - 1));
    const hit = this.results[this.active];
    if (hit !== undefined) session.focus = { kind: "row", row: hit.row, column: this.index?.text_cols[0] ?? null };
  }

  /** Marks a result, or takes its mark away. */
  toggle(place: number): void {
    const rows = new Set(chosen.rows);
    const { row } = this.results[place];
    if (!rows.delete(row)) rows.add(row);
    chosen.pickRows(rows);
  }

  chooseAll(): void {
    chosen.pickRows(this.results.map((hit) => hit.row));
  }

  /** Lights results up on the map: one, or all. */
  showOnMap(place?: number): void {
    if (place === undefined) this.chooseAll();
    else chosen.pickRows([this.results[place].row]);
    session.place = "segments";
    ui.segmentsPane = "map";
  }

  private send(request: SearchRequest): void {
    const begun = performance.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.slow = true), 100);
    this.keep(host.call("search", request).then((response) => ({ request, response, seconds: (performance.now() - begun) / 1000 })));
  }

  private settle(failure: Failure | null): void {
    clearTimeout(this.timer);
    this.slow = false;
    this.failure = failure;
  }

  /** What is under way does not matter any more. */
  private stop(): void {
    this.ask.cancel();
    this.keep.drop();
    this.settle(null);
    this.found = null;
  }

  private forget(): void {
    this.stop();
    this.key = "";
    this.query = "";
    this.filter = "";
    this.like = null;
    this.remaking = false;
    this.active = 0;
  }
}

export const finder = new Finder();
