/** What a model that reads is to be taught: from which columns or files, how, and with what settings. Outlives the view. */
import { fileName, type PickedFile } from "../../backend/backend";
import type { ClassWeights, Column, Dataset, EncoderSettings, EncoderTask, TrainClassifierRequest, TrainEncoderRequest } from "../../gen/operations";
import type { Read } from "./kinds";
import { isWholeRead, READ_SPLIT, told, usualOf } from "./readpresets";

const CLASSES = /^(class|rotulo|label|categor|sentiment|assunto|topic|tipo|type|target|area)/;
const plain = (name: string) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The column whose name says that it holds classes; empty where none does. */
export function guessedLabel(columns: readonly Pick<Column, "name">[]): string {
  return columns.find((column) => CLASSES.test(plain(column.name)))?.name ?? "";
}

class Reads {
  /** What is to be taught, or was last. */
  read: Read = "classify";
  /** What learns classes: a regression over words in seconds, or a transformer. */
  how = $state<"linear" | "transformer">("linear");
  /** Empty: the table's usual ones. */
  textCols = $state.raw<string[]>([]);
  labelCol = $state("");
  weights = $state<ClassWeights>("balanced");
  /** Whether examples of answers are a file, or are made of process folders. */
  from = $state<"file" | "processes">("file");
  trainFile = $state.raw<PickedFile | null>(null);
  validationFile = $state.raw<PickedFile | null>(null);
  split = $state<number | null>(READ_SPLIT);
  model = $state("");
  settings = $state<EncoderSettings>(usualOf("classify"));

  /** The columns of another table mean nothing in this one. */
  open(table: Dataset | null): void {
    [this.textCols, this.labelCol] = [[], guessedLabel(table?.columns ?? [])];
  }

  /** Another task has other files and other usual settings. */
  turnTo(read: Read): void {
    this.read = read;
    [this.trainFile, this.validationFile, this.settings] = [null, null, usualOf(read)];
  }

  /** Whether there is what is learned from. */
  hasData(read: Read, table: Dataset | null): boolean {
    return read === "classify" ? table !== null : this.trainFile !== null;
  }

  /** Whether it is known which texts and which classes. */
  hasColumns(table: Dataset | null): boolean {
    const hasText = this.textCols.length > 0 || (table?.columns.some((column) => column.role === "text" && column.name !== this.labelCol) ?? false);
    return this.labelCol !== "" && !this.textCols.includes(this.labelCol) && hasText;
  }

  /** What a training would be asked for; null while something is missing. */
  request(read: Read, table: Dataset | null): TrainEncoderRequest | null {
    const settings = $state.snapshot(this.settings);
    const task = this.task(read, table);
    return task === null || this.model === "" || !isWholeRead(settings) ? null : { base_model: this.model, task, settings };
  }

  /** What the regression would be asked for. */
  linear(table: Dataset | null): TrainClassifierRequest | null {
    if (table === null || !this.hasColumns(table)) return null;
    return { source: { dataset: table.id }, ...this.columns, class_weights: this.weights };
  }

  /** Takes files, columns, model and settings of an earlier training, to be changed. */
  takeFrom({ base_model, task, settings }: TrainEncoderRequest): void {
    this.model = base_model;
    this.split = task.validation_split ?? READ_SPLIT;
    this.settings = told({ ...usualOf(task.kind), ...settings });
    if (task.kind === "classify") {
      [this.how, this.textCols, this.labelCol, this.weights] = ["transformer", task.text_cols ?? [], task.label_col, task.class_weights ?? "balanced"];
      return;
    }
    const named = (path: string | undefined) => (path ? { path, name: fileName(path) } : null);
    [this.trainFile, this.validationFile] = [named(task.train_file), named(task.validation_file)];
  }

  private get columns() {
    return { ...(this.textCols.length > 0 ? { text_cols: this.textCols } : {}), label_col: this.labelCol };
  }

  private task(read: Read, table: Dataset | null): EncoderTask | null {
    const { split } = this;
    if (split === null || !Number.isFinite(split)) return null;
    if (read === "classify") {
      if (table === null || !this.hasColumns(table)) return null;
      return { kind: read, source: { dataset: table.id }, ...this.columns, class_weights: this.weights, validation_split: split };
    }
    if (this.trainFile === null) return null;
    const held = this.validationFile === null ? { validation_split: split } : { validation_file: this.validationFile.path };
    return { kind: read, train_file: this.trainFile.path, ...held };
  }
}

export const reads = new Reads();
