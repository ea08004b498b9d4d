/** What is learned of leads and how they are scored: the choices before, and the table that was scored. Outlives the view. */
import { failureOf, fileName } from "../../../backend/backend";
import type { Column, Dataset, Failure, ScoreLeadsTableResponse, TrainLeadsRequest } from "../../../gen/operations";
import { host } from "../../../shared/host.svelte";
import { locale, number, t, tn } from "../../../shared/i18n.svelte";
import { jobs } from "../../../shared/jobs.svelte";
import { session } from "../../../shared/session.svelte";
import { toasts } from "../../../shared/toasts.svelte";
import { resultFile } from "../../models/columns";

/** Whole words: a `vendedor` and a `deal_id` tell of something else. */
const CONVERTED = /^((is_|foi_|virou_)?(convert(ed|eu|ido|ida|s)?|conversao|conversion|compr(ou|ado)|contratou|contratado|fech(ou|ado)|ganh(ou|o)|vend(ido|ida|eu|a)|cliente|won|closed|sold|bought|target|alvo))$/;
const plain = (name: string) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9\s_-]/g, "").trim();

/** The column whose name, or the first word of it, says that it tells which leads converted; empty where none does. */
export function guessedTarget(columns: readonly Pick<Column, "name">[]): string {
  return columns.find((column) => CONVERTED.test(plain(column.name)))?.name ?? columns.find((column) => CONVERTED.test(plain(column.name).split(/[\s_-]+/)[0]))?.name ?? "";
}

/** Temperatures in their order. */
export const TEMPERATURES = ["hot", "warm", "cold"] as const;

/** Leads that were scored: from which table, by which model. */
interface Scored {
  from: Dataset;
  model: string;
  result: ScoreLeadsTableResponse;
}

class Scoring {
  private column = $state("");
  positive = $state("");
  ignore = $state.raw<string[]>([]);
  /** Limits in percent; null for those that Mirante finds. */
  hot = $state<number | null>(null);
  warm = $state<number | null>(null);
  scored = $state.raw<Scored | null>(null);
  /** Why a table could not be scored, and which. */
  failed = $state.raw<{ from: number; failure: Failure } | null>(null);
  /** Whether the table that is scored is on screen: else what fails is told in the corner. */
  shown: number | null = null;

  get target(): string {
    return this.column;
  }

  /** What stood in another column for a lead that converted means nothing in this one. */
  set target(column: string) {
    if (column !== this.column) this.positive = "";
    this.column = column;
  }

  /** The columns of another table mean nothing in this one. */
  open(table: Dataset | null): void {
    Object.assign(this, { target: guessedTarget(table?.columns ?? []), positive: "", ignore: [], hot: null, warm: null });
  }

  /** What a training would be asked for; null while something is missing. */
  request(table: Dataset | null): TrainLeadsRequest | null {
    if (table === null || this.target === "") return null;
    const share = (name: "hot" | "warm") => (this[name] === null ? {} : { [name]: this[name] / 100 });
    const positive = this.positive.trim();
    return { source: { dataset: table.id }, target: this.target, ...(positive === "" ? {} : { positive }), ...(this.ignore.length > 0 ? { ignore: this.ignore } : {}), ...share("hot"), ...share("warm"), language: locale.language };
  }

  /** Scores a table by a model that was learned, and writes the scores beside its columns. */
  async score(model: string, from: Dataset): Promise<void> {
    this.failed = null;
    try {
      const place = await host.backend.destination(resultFile(from.name, t("train.leads.file")));
      if (place === null) return;
      const result = await jobs.run("score_leads_table", { model, source: { dataset: from.id }, language: locale.language, ...(place.path === undefined ? {} : { out: place.path }) });
      this.scored = { from, model, result };
      host.backend.deliver(result.out);
      const some = TEMPERATURES.map((one) => `${t(`leads.${one}`)} ${number(result.temperatures[one] ?? 0)}`).join(" · ");
      toasts.say(`${tn("models.apply.written", result.rows, { file: fileName(result.out) })} ${some}`, { label: t("models.apply.import"), run: () => void this.bringIn() });
    } catch (error) {
      const failure = failureOf(error);
      if (this.shown !== from.id) toasts.fail(error);
      else if (failure.code !== "cancelled") this.failed = { from: from.id, failure };
    }
  }

  /** Makes a table of what was scored, in the dialect of the one it was made from. */
  async bringIn(): Promise<void> {
    if (this.scored === null) return;
    const { from, result } = this.scored;
    await session.importWritten(result.out, from.format === "csv" ? from.options : undefined);
  }
}

export const scoring = new Scoring();
