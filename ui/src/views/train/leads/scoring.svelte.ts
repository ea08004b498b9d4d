/** What is learned of leads and how they are scored: the choices before, and the table that was scored. Outlives the view. */
import { failureOf, fileName } from "../../../backend/backend";
import type { Column, Dataset, Failure, ScoreLeadsTableResponse, TrainLeadsRequest } from "../../../gen/operations";
import { host } from "../../../shared/host.svelte";
import { locale, number, t, tn } from "../../../shared/i18n.svelte";
import { jobs } from "../../../shared/jobs.svelte";
import { session } from "../../../shared/session.svelte";
import { toasts } from "../../../shared/toasts.svelte";
import { resultFile } from "../../models/columns";

const CONVERTED = /^(convert|conversao|comprou|compra|contratou|fechou|fechado|ganho|ganhou|vend|virou|won|closed|sold|bought|target|alvo|is_won|deal)/;
const plain = (name: string) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The column whose name says that it tells which leads converted; empty where none does. */
export function guessedTarget(columns: readonly Pick<Column, "name">[]): string {
  return columns.find((column) => CONVERTED.test(plain(column.name)))?.name ?? "";
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
  target = $state("");
  positive = $state("");
  ignore = $state.raw<string[]>([]);
  /** Limits in percent; null for those that Mirante finds. */
  hot = $state<number | null>(null);
  warm = $state<number | null>(null);
  scored = $state.raw<Scored | null>(null);
  failure = $state.raw<Failure | null>(null);

  /** The columns of another table mean nothing in this one. */
  open(table: Dataset | null): void {
    Object.assign(this, { target: guessedTarget(table?.columns ?? []), positive: "", ignore: [], hot: null, warm: null, failure: null });
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
    this.failure = null;
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
      if (failure.code !== "cancelled") this.failure = failure;
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
