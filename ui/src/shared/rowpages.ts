/** Rows of a view, fetched by page, kept while they are near, and asked for once. */
import type { Row, RowsResponse } from "../gen/operations";

/** Fetches rows from `offset` of the view. */
export type FetchPage = (offset: number, limit: number) => Promise<RowsResponse>;

const KEPT_PAGES = 60;
/** Requests in flight at most: a fast scroll asks for where it stops, not for all it passes. */
const IN_FLIGHT = 3;

export class RowPages {
  /** Rows in the view; null until the first page came. */
  total: number | null = null;
  private pages = new Map<number, Row[]>();
  private flying = new Set<number>();
  private wanted: number[] = [];
  private closed = false;

  constructor(
    private readonly fetchPage: FetchPage,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
    readonly pageSize = 200,
  ) {}

  /** The row at a place of the view, if it is here. */
  at(place: number): Row | undefined {
    return this.pages.get(Math.floor(place / this.pageSize))?.[place % this.pageSize];
  }

  /** Says which places are seen; their pages, and those next to them, are fetched. */
  show(first: number, last: number): void {
    const from = Math.max(0, Math.floor(first / this.pageSize));
    const to = Math.max(from, Math.floor(last / this.pageSize));
    const seen: number[] = [];
    for (let page = from; page <= to; page += 1) seen.push(page);
    const near = [to + 1, from - 1].filter((page) => page >= 0 && (this.total === null || page * this.pageSize < this.total));
    this.wanted = [...seen, ...(this.total === null ? [] : near)].filter((page) => !this.pages.has(page) && !this.flying.has(page));
    this.next();
  }

  /** The rows of a span of places, fetched where they are not here. */
  async span(first: number, last: number): Promise<Row[]> {
    const rows: Row[] = [];
    for (let place = first; place <= last; place += 1000) {
      const limit = Math.min(1000, last - place + 1);
      const here = Array.from({ length: limit }, (_, i) => this.at(place + i));
      rows.push(...(here.every((row) => row !== undefined) ? here : (await this.fetchPage(place, limit)).rows));
    }
    return rows;
  }

  /** Answers that are still under way are thrown away. */
  close(): void {
    this.closed = true;
    this.wanted = [];
  }

  private next(): void {
    while (!this.closed && this.flying.size < IN_FLIGHT) {
      const page = this.wanted.shift();
      if (page === undefined) return;
      void this.fetch(page);
    }
  }

  private async fetch(page: number): Promise<void> {
    this.flying.add(page);
    try {
      const answer = await this.fetchPage(page * this.pageSize, this.pageSize);
      if (this.closed) return;
      this.total = answer.total;
      this.pages.set(page, answer.rows);
      for (const old of this.pages.keys()) {
        if (this.pages.size <= KEPT_PAGES) break;
        this.pages.delete(old);
      }
      this.changed();
    } catch (error) {
      if (!this.closed) this.failed(error);
    } finally {
      this.flying.delete(page);
      this.next();
    }
  }
}
