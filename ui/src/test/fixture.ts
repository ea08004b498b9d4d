/** A backend made of numbers, for tests of the screen alone. Never part of a build. */
import { type Backend, type DropEvent, MiranteError } from "../backend/backend";
import type { Column, Dataset, Index, IndexTableRequest, JobStatus, OpenResponse, Operations, Row, Run, SearchHit, SearchRequest, UpdateIndexRequest, UpdateIndexResponse, SegmentRequest, Settings, View } from "../gen/operations";

const NICHES = ["Contabilidade", "Imobiliária", "Clínica", "Varejo", "Advocacia", "Logística"];
const WORDS = ["boleto", "vencimento", "estoque", "agenda", "paciente", "frete", "contrato", "cobrança", "planilha", "imposto", "cliente", "prazo"];
const NAMES = ["id", "nicho", "dor_base", "solucao_graventum", "valor", "data"];

function cellsOf(row: number): (string | null)[] {
  const word = (i: number) => WORDS[(row * 7 + i * 5 + (row % 5) * i) % WORDS.length];
  const pain = `O time perde ${1 + (row % 9)} horas por semana com ${word(1)} e ${word(2)}, e o ${word(3)} atrasa sem aviso`;
  const cure = `Automação de ${word(1)} com alerta de ${word(4)} e painel de ${word(5)}`;
  const date = `${String(1 + (row % 28)).padStart(2, "0")}/${String(1 + (row % 12)).padStart(2, "0")}/2024`;
  return [String(1000 + row), NICHES[row % NICHES.length], pain, row % 17 === 0 ? null : cure, `${(row * 37) % 9000},${String(row % 100).padStart(2, "0")}`, date];
}

const columns = (rows: number): Column[] =>
  (["integer", "text", "text", "text", "number", "date"] as const).map((kind, i) => ({
    name: NAMES[i],
    kind,
    role: (["identifier", "category", "text", "text", "number", "date"] as const)[i],
    missing: i === 3 ? Math.ceil(rows / 17) : 0,
    distinct: i === 1 ? NICHES.length : rows,
    distinct_exact: true,
    sample: [0, 1, 2].map((row) => cellsOf(row)[i] ?? ""),
  }));

/** Segments of the fixture's rows: uneven on purpose. */
const segmentOf = (row: number, clusters: number) => Math.floor(clusters * ((row * 0.754877666) % 1) ** 1.7);

/** What a fixture is made with. */
export interface FixtureOptions {
  rows?: number;
  issues?: number;
  /** Milliseconds between two reports of a job. */
  beat?: number;
}

export class Fixture implements Backend {
  readonly host = "browser" as const;
  /** Every operation that was asked for, in order. */
  readonly calls: { operation: string; request: unknown }[] = [];
  datasets: Dataset[] = [];
  private runs: Run[] = [];
  indexes: Index[] = [];
  private jobs: JobStatus[] = [];
  private listeners = new Set<(job: JobStatus) => void>();
  private drops = new Set<(event: DropEvent) => void>();
  private settings: Settings = { language: "pt-BR", theme: "system", offline: false, threads: 0, memory_limit: 0 };
  private undone: (() => [string, number])[] = [];
  private readonly rows: number;
  private readonly issues: number;
  private readonly beat: number;

  constructor({ rows = 600, issues = 3, beat = 5 }: FixtureOptions = {}) {
    [this.rows, this.issues, this.beat] = [rows, issues, beat];
  }

  async call<K extends keyof Operations>(operation: K, request: Operations[K]["request"]): Promise<Operations[K]["response"]> {
    this.calls.push({ operation, request });
    return structuredClone(this.answer(operation, JSON.parse(JSON.stringify(request)))) as Operations[K]["response"];
  }

  async bytes(operation: "matches" | "map_points", request: object): Promise<ArrayBuffer> {
    this.calls.push({ operation, request });
    if (operation === "map_points") return this.points();
    const bits = new Uint8Array(Math.ceil(this.rows / 8));
    for (const row of this.found((request as { view?: View }).view ?? {})) bits[row >> 3] |= 1 << (row & 7);
    return bits.buffer;
  }

  async start(operation: string, request: object): Promise<JobStatus> {
    this.calls.push({ operation, request });
    const now = Date.now();
    const job: JobStatus = { id: this.jobs.length + 1, operation, state: "running", step: "read", step_number: 1, done: 0, total: 100, rate: 1.2e6, seconds_left: 3, created_at: now, started_at: now, finished_at: null, request: JSON.parse(JSON.stringify(request)), response: null, failure: null, text: null, log: [] };
    this.jobs.unshift(job);
    const step = () => {
      if (job.state === "cancelled") return;
      job.done += 25;
      job.step = ["read", "features", "cluster", "write"][Math.floor(job.done / 26)] ?? "write";
      if (job.done >= 100) this.finish(job);
      this.tell(job);
      if (job.state === "running") setTimeout(step, this.beat);
    };
    setTimeout(step, this.beat);
    return structuredClone(job);
  }

  onJob(job: (status: JobStatus) => void, online: (open: boolean) => void): () => void {
    this.listeners.add(job);
    online(true);
    return () => this.listeners.delete(job);
  }

  async pickFile() {
    return { path: "/dados/olist reclamações.csv", name: "olist reclamações.csv" };
  }

  dropped(listener: (event: DropEvent) => void): () => void {
    this.drops.add(listener);
    return () => this.drops.delete(listener);
  }

  destination = async (_name: string): Promise<{ path?: string } | null> => ({});
  deliver = () => {};
  startup = async () => null;
  opened = () => () => {};
  /** Every desktop notice, as title and text. */
  readonly notices: [string, string][] = [];
  notice = (title: string, body: string) => void this.notices.push([title, body]);

  private tell(job: JobStatus): void {
    for (const listener of this.listeners) listener(structuredClone(job));
  }

  private finish(job: JobStatus): void {
    Object.assign(job, { state: "done", finished_at: Date.now(), step: null, response: this.result(job) });
  }

  protected result(job: JobStatus): unknown {
    switch (job.operation) {
      case "import":
      case "import_sample":
        return this.imported((job.request as { path?: string }).path ?? "/amostra/dores_solucoes.csv");
      case "segment":
        return this.segmented(job.request as SegmentRequest);
      case "index_table":
        return this.indexed(job.request as IndexTableRequest);
      case "update_index":
        return this.updated(job.request as UpdateIndexRequest);
      case "lay_out_map":
        for (const run of this.runs) run.has_map = true;
        return { points: this.rows, bounds: [-10, -10, 10, 10], trustworthiness: 0.97 };
      case "suggest_k":
        return { rows: this.rows, tried: Array.from({ length: 11 }, (_, i) => ({ k: i + 2, inertia: 900 / (i + 2) + 100, silhouette: 0.1 + 0.02 * (6 - Math.abs(i - 5)), davies_bouldin: 3 - 0.1 * i + 0.02 * i * i })), recommended: 7, why: "silhouette", text_cols: ["dor_base"] };
      default:
        return { path: "/dados/saida.csv", rows: this.rows, bytes: 123_456, warnings: [{ code: "surplus_left_out", count: 2 }] };
    }
  }

  private imported(path: string): Dataset {
    const now = Date.now();
    const name = (path.split("/").pop() ?? "").replace(/\.\w+$/, "");
    const options = { encoding: "windows-1252", delimiter: ";", quote: '"', has_header: true, decimal: ",", date_order: "day_first", kinds: {}, roles: {} };
    const dataset: Dataset = { id: this.datasets.length + 1, name, path, format: "csv", options, line_end: "crlf", bytes: this.rows * 160, rows: this.rows, columns: columns(this.rows), issues: this.issues, imported_at: now, opened_at: now, run: null, is_sample: false };
    this.datasets.unshift(dataset);
    return dataset;
  }

  private segmented(request: SegmentRequest): Run["result"] {
    const clusters = request.settings?.clusters ?? 8;
    const counts = new Array<number>(clusters).fill(0);
    for (let row = 0; row < this.rows; row += 1) counts[segmentOf(row, clusters)] += 1;
    const id = this.runs.length + 1;
    const dataset = this.dataset((request.source as { dataset: number }).dataset);
    const segments = counts.map((count, k) => ({ id: k, name: null, count, share: count / this.rows, terms: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({ term: WORDS[(k * 3 + i) % WORDS.length], weight: 0.4 / (i + 1) })), examples: [k, k + 8, k + 16].filter((row) => row < this.rows) }));
    const result = { run: id, rows: this.rows, clusters, inertia: 512.25, iterations: 9, silhouette: { value: 0.183, sample: Math.min(this.rows, 10_000) }, segments, text_cols: ["dor_base", "solucao_graventum"], features: 500, seconds: { read: 0.2, features: 0.05, cluster: 0.3, write: 0 }, model: null, out: null, warnings: [{ code: "rows_without_terms", count: 4 }], issues: [] };
    this.runs.unshift({ id, dataset: dataset.id, created_at: Date.now(), request, result, has_map: false });
    const before = dataset.run;
    dataset.run = id;
    this.undone.push(() => ((dataset.run = before), ["choose_run", dataset.id]));
    return result;
  }

  private indexed(request: IndexTableRequest): Index {
    const dataset = this.dataset((request.source as { dataset: number }).dataset);
    const space = { model: request.settings?.model ?? "lsa", revision: null, pooling: "mean", dimension: 128 };
    const index = { name: request.name ?? dataset.name, dataset: dataset.id, rows: this.rows, text_cols: ["dor_base", "solucao_graventum"], columns: NAMES, space, settings: request.settings ?? null, slots: this.rows, changed: 0, id_col: request.id_col ?? null, created_at: Date.now(), updated_at: Date.now() };
    this.indexes = [...this.indexes.filter((one) => one.name !== index.name), index];
    return index;
  }

  private updated({ index: name, source }: UpdateIndexRequest): UpdateIndexResponse {
    const index = { ...this.indexes.find((one) => one.name === name)!, dataset: (source as { dataset: number }).dataset, updated_at: Date.now() };
    this.indexes = [...this.indexes.filter((one) => one.name !== name), index];
    return { index, added: 2, changed: 1, removed: 0, rebuilt: false };
  }

  private search({ index, query, like, top, mode, filter }: SearchRequest): unknown {
    if (!this.indexes.some((one) => one.name === index)) throw new MiranteError({ code: "unknown_index", fields: { id: index } });
    if (filter?.startsWith("nixo")) throw new MiranteError({ code: "unknown_column", fields: { column: "nixo", nearest: "nicho" } });
    const wanted = query?.toLowerCase().split(" ") ?? [];
    const results: SearchHit[] = [];
    for (let row = 0; row < this.rows && results.length < (top ?? 5); row += 1) {
      const cells = cellsOf(row);
      const text = `${cells[2]} ${cells[3] ?? ""}`.trim();
      if (row === like || (filter && !filter.includes(cells[1] ?? ""))) continue;
      if (like === undefined && !wanted.some((word) => text.toLowerCase().includes(word))) continue;
      const place = results.length + 1;
      results.push({ row, id: String(row), score: 1 / place, text, fields: Object.fromEntries(NAMES.map((name, i) => [name, cells[i]])), why: { words_rank: like === undefined ? place : null, words_score: 5 / place, vector_rank: place, similarity: 1 / place } });
    }
    return { results, mode: like === undefined ? (mode ?? "hybrid") : "vector", ran_on: null };
  }

  private dataset(id: number): Dataset {
    const found = this.datasets.find((one) => one.id === id);
    if (found === undefined) throw new MiranteError({ code: "unknown_dataset", fields: { id: String(id) } });
    return found;
  }

  private row(index: number): Row {
    const run = this.runs[0];
    return { index, segment: run === undefined ? null : segmentOf(index, run.result.clusters), cells: cellsOf(index) };
  }

  private found(view: View): number[] {
    const wanted = view.search?.toLowerCase();
    const { segments, rows, lasso } = view.selection ?? {};
    const clusters = this.runs[0]?.result.clusters ?? 8;
    const found: number[] = [];
    for (let row = 0; row < this.rows; row += 1) {
      if (wanted && !cellsOf(row).some((cell) => cell?.toLowerCase().includes(wanted))) continue;
      if (segments && !segments.includes(segmentOf(row, clusters))) continue;
      if (rows && !rows.includes(row)) continue;
      if (lasso && this.place(row)[0] < Math.min(...lasso.map(([x]) => x))) continue;
      if ((view.filters ?? []).some(({ column, value }) => !cellsOf(row)[NAMES.indexOf(column)]?.includes(value ?? ""))) continue;
      found.push(row);
    }
    return view.sort?.descending ? found.reverse() : found;
  }

  private place(row: number): [number, number] {
    const segment = segmentOf(row, this.runs[0]?.result.clusters ?? 8);
    const [angle, spread] = [segment * 0.785 + ((row * 13) % 97) / 160, Math.sqrt(((row * 31) % 101) / 101)];
    return [6 * Math.cos(segment * 0.785) + 2 * spread * Math.cos(angle * 9 + row), 6 * Math.sin(segment * 0.785) + 2 * spread * Math.sin(angle * 9 + row)];
  }

  private points(): ArrayBuffer {
    const bytes = new ArrayBuffer(this.rows * 10);
    const [xy, segment] = [new Float32Array(bytes, 0, this.rows * 2), new Uint16Array(bytes, this.rows * 8, this.rows)];
    for (let row = 0; row < this.rows; row += 1) {
      xy.set(this.place(row), 2 * row);
      segment[row] = segmentOf(row, this.runs[0]?.result.clusters ?? 8);
    }
    return bytes;
  }

  private preview(request: Operations["preview"]["request"]): OpenResponse {
    if (request.path.includes("vazio")) throw new MiranteError({ code: "empty_file", fields: { path: request.path } });
    const { kinds, roles, ...dialect } = request.options ?? { kinds: {}, roles: {} };
    const guessed = { encoding: "windows-1252", delimiter: ";", quote: '"', has_header: true, decimal: ",", date_order: "day_first" };
    const found = columns(this.rows).map((column) => ({ ...column, kind: kinds?.[column.name] ?? column.kind, role: roles?.[column.name] ?? column.role }));
    const issues = [{ line: 41, column: null, kind: "too_few_fields", text: "1039;Varejo;Sem estoque" }];
    return { path: request.path, format: "csv", bytes: this.rows * 160, ...guessed, ...dialect, line_end: "crlf", rows: this.rows, complete: this.rows < 5000, columns: found, issues, issue_counts: this.issues > 0 ? { too_few_fields: this.issues } : {}, preview: Array.from({ length: Math.min(100, this.rows) }, (_, row) => cellsOf(row)), sheets: [] } as OpenResponse;
  }

  // One switch over every query: the narrow types of a request stand in the contract.
  private answer(operation: keyof Operations, request: any): unknown {
    switch (operation) {
      case "preview":
        return this.preview(request);
      case "datasets":
        return { datasets: this.datasets };
      case "dataset":
        return this.dataset(request.dataset);
      case "rename_dataset": {
        const dataset = this.dataset(request.dataset);
        const before = dataset.name;
        dataset.name = request.name;
        this.undone.push(() => ((dataset.name = before), ["rename_dataset", dataset.id]));
        return dataset;
      }
      case "remove_dataset":
        this.datasets = this.datasets.filter((one) => one.id !== request.dataset);
        return {};
      case "issues":
        return { total: this.issues, issues: Array.from({ length: this.issues }, (_, i) => ({ line: 41 + i * 7, column: i % 2 ? "valor" : null, kind: i % 2 ? "bad_bytes" : "too_few_fields", text: "1039;Varejo;Sem estoque" })) };
      case "rows": {
        const found = this.found(request.view ?? {});
        return { total: found.length, rows: found.slice(request.offset ?? 0, (request.offset ?? 0) + (request.limit ?? 100)).map((row) => this.row(row)) };
      }
      case "row":
        return this.row(request.row);
      case "column_stats": {
        const rows = this.found(request.view ?? {}).length;
        const numeric = request.column === "valor";
        return { rows, missing: 3, distinct: 40, top: NICHES.map((value, i) => ({ value, count: 100 - i * 13 })), range: numeric ? { min: 0, max: 8999.5, mean: 4500.25, median: 4400 } : null, mean_length: numeric ? null : 72.5, histogram: numeric ? [3, 8, 15, 22, 30, 26, 18, 11, 6, 2] : [] };
      }
      case "runs":
        return { runs: this.runs.filter((run) => run.dataset === request.dataset) };
      case "run":
        return this.runs.find((run) => run.id === request.run);
      case "choose_run":
        this.dataset(request.dataset).run = request.run;
        return this.runs.find((run) => run.id === request.run);
      case "rename_segment": {
        const run = this.runs.find((one) => one.id === request.run) as Run;
        const segment = run.result.segments[request.segment];
        const before = segment.name;
        segment.name = request.name === "" ? null : request.name;
        this.undone.push(() => ((segment.name = before), ["rename_segment", run.dataset]));
        return run;
      }
      case "undo": {
        const [undone, dataset] = this.undone.pop()?.() ?? [null, null];
        return { undone, dataset };
      }
      case "indexes":
        return { indexes: this.indexes };
      case "remove_index":
        this.indexes = this.indexes.filter((one) => one.name !== request.index);
        return { indexes: this.indexes };
      case "search":
        return this.search(request);
      case "models":
        return { models: [], offline: null };
      case "jobs":
        return { jobs: this.jobs };
      case "job":
        return this.jobs.find((job) => job.id === request.job);
      case "cancel": {
        const job = this.jobs.find((one) => one.id === request.job) as JobStatus;
        Object.assign(job, { state: "cancelled", finished_at: Date.now() });
        this.tell(job);
        return job;
      }
      case "settings":
        return this.settings;
      case "save_settings":
        this.settings = request;
        return this.settings;
      case "about":
        return { version: "0.1.0", home: "/casa/.local/share/mirante", threads: 2, memory: 8.2e9, device: "cpu", precision: "f64", simd: "avx2" };
      default:
        throw new MiranteError({ code: "unknown_operation", fields: { id: operation } });
    }
  }
}
