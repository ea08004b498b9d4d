/**
 * Which rows are in view and which are chosen: one state for grid, map and list. Search, filters
 * and order make the view; segments, a lasso on the map and single rows make the choice.
 */
import type { Filter, Selection, Sort, View } from "../gen/operations";
import { countBits } from "./bits";
import { host } from "./host.svelte";
import { debounced, latest } from "./latest";
import { toasts } from "./toasts.svelte";

export type Polygon = [number, number][];

class Chosen {
  search = $state("");
  filters = $state.raw<Filter[]>([]);
  sort = $state.raw<Sort | null>(null);
  segments = $state.raw<number[]>([]);
  lasso = $state.raw<Polygon | null>(null);
  rows = $state.raw<ReadonlySet<number>>(new Set());
  /** Whether the grid shows the chosen rows alone. */
  only = $state(false);
  /** The rows that are in view and chosen, as bits; null when that is every row. */
  bits = $state.raw<Uint8Array | null>(null);
  /** How many those are. */
  count = $state<number | null>(null);

  readonly hasChoice = $derived(this.segments.length > 0 || this.lasso !== null || this.rows.size > 0);
  readonly hasView = $derived(this.search.trim() !== "" || this.filters.length > 0);

  private readonly keep = latest<ArrayBuffer>(
    (answer) => {
      this.bits = new Uint8Array(answer);
      this.count = countBits(this.bits);
    },
    (error) => toasts.fail(error),
  );
  private readonly ask = debounced(90, (dataset: number, view: View) => this.keep(host.bytes("matches", { dataset, view })));

  /** What the grid shows. Chosen rows stay among the others unless `only` is set. */
  gridView(run: number | null): View {
    return this.make(run, this.only, true);
  }

  /** What is in view and chosen: exports and the map go by it. */
  wholeView(run: number | null): View {
    return this.make(run, true, false);
  }

  /** Asks which rows the view and the choice hold. Reads what it depends on, for an effect to follow. */
  follow(dataset: number | null, run: number | null): void {
    const view = this.wholeView(run);
    if (dataset === null || (!this.hasChoice && !this.hasView)) {
      this.ask.cancel();
      this.keep.drop();
      this.bits = null;
      this.count = null;
      return;
    }
    this.ask(dataset, view);
  }

  /** Adds a segment to the choice or takes it away; alone it replaces the choice. */
  toggleSegment(id: number, among: boolean): void {
    const has = this.segments.includes(id);
    if (among) this.segments = has ? this.segments.filter((other) => other !== id) : [...this.segments, id].sort((a, b) => a - b);
    else this.segments = has && this.segments.length === 1 ? [] : [id];
  }

  setFilter(column: string, filter: Filter | null): void {
    const rest = this.filters.filter((other) => other.column !== column);
    this.filters = filter === null ? rest : [...rest, filter];
  }

  /** Chooses these rows and no others; no search or filter of the grid keeps any of them out. */
  pickRows(rows: Iterable<number>): void {
    this.clearChoice();
    this.search = "";
    this.filters = [];
    this.rows = new Set(rows);
  }

  /** Order by a column: least first, greatest first, then as in the file. */
  cycleSort(column: string): void {
    if (this.sort?.column !== column) this.sort = { column };
    else this.sort = this.sort.descending ? null : { column, descending: true };
  }

  clearChoice(): void {
    this.segments = [];
    this.lasso = null;
    this.rows = new Set();
    this.only = false;
  }

  clearAll(): void {
    this.clearChoice();
    this.search = "";
    this.filters = [];
    this.sort = null;
  }

  private make(run: number | null, withRows: boolean, ordered: boolean): View {
    const selection: Selection = {};
    if (run !== null && (this.segments.length > 0 || this.lasso !== null)) selection.run = run;
    if (this.segments.length > 0) selection.segments = this.segments;
    if (this.lasso !== null) selection.lasso = this.lasso;
    if (withRows && this.rows.size > 0) selection.rows = [...this.rows].sort((a, b) => a - b);
    const view: View = {};
    if (this.search.trim() !== "") view.search = this.search.trim();
    if (this.filters.length > 0) view.filters = this.filters;
    if (ordered && this.sort !== null) view.sort = this.sort;
    if (Object.keys(selection).length > 0) view.selection = selection;
    return view;
  }
}

export const chosen = new Chosen();
