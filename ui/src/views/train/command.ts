/** The command line that does what the screen would. */
import type { Dataset, EncoderTask, TrainClassifierRequest, TrainEncoderRequest, Training, TrainLeadsRequest, TrainLoraRequest } from "../../gen/operations";
import { isEncoder, type Read } from "./kinds";
import { changedFields, USUAL, USUAL_SPLIT } from "./presets";
import { READ_SPLIT, told, usualOf, USUAL_LORA } from "./readpresets";

/** The tables that there are: the command line takes their files. */
type Tables = readonly Pick<Dataset, "id" | "path" | "options">[];

/** What `classifier train` holds out where nothing is said. */
const CLASSIFIER_SPLIT = 0.2;
const COMMANDS: Record<Read, string> = { classify: "classifier", tag: "tagger", answer: "qa" };

/** An argument as a shell takes it: quoted where it holds anything that means something there. */
export function quoted(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  // Where paths have backslashes the shell is PowerShell or cmd, which both take these.
  if (/^[a-z]:\\|^\\\\/i.test(argument)) return `"${argument}"`;
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

const line = (words: readonly string[]) => words.map(quoted).join(" ");

/** A setting as an argument: none where it is turned off. */
function flag(name: string, value: unknown): string[] {
  const named = `--${name.replaceAll("_", "-")}`;
  if (value === true) return [named];
  return value === false || value === undefined ? [] : [named, Array.isArray(value) ? value.join(",") : String(value)];
}

/** `mirante lora start` with everything that is not as usual. The folder is left to Mirante: an earlier training's is taken. */
export function startLine(request: TrainLoraRequest): string {
  const settings = request.settings ?? USUAL;
  const words = ["mirante", "lora", "start", "--base-model", request.base_model, "--train-file", request.train_file];
  if (request.validation_split !== undefined && request.validation_split !== USUAL_SPLIT) words.push("--validation-split", String(request.validation_split));
  for (const field of changedFields(settings)) words.push(...flag(field, settings[field]));
  return line(words);
}

/** The file that rows come from; null where the table is gone. */
function fileOf(source: TrainClassifierRequest["source"], tables: Tables): string[] | null {
  const file = "dataset" in source ? tables.find((table) => table.id === source.dataset) : source;
  return file === undefined ? null : ["--csv", file.path, ...(file.options?.sheet ? ["--sheet", file.options.sheet] : [])];
}

/** Where a table's texts and classes are; null where the table is gone. */
function columnsOf({ source, text_cols, label_col, class_weights }: Pick<TrainClassifierRequest, "source" | "text_cols" | "label_col" | "class_weights">, tables: Tables): string[] | null {
  const file = fileOf(source, tables);
  if (file === null) return null;
  const words = [...file, ...(text_cols ?? []).flatMap((column) => ["--text-col", column]), "--label-col", label_col];
  return class_weights === "none" ? [...words, "--class-weights", "none"] : words;
}

/** What is learned from, and what is measured on. */
function taskWords(task: EncoderTask, tables: Tables): string[] | null {
  const split = task.validation_split ?? READ_SPLIT;
  const share = (usual: number) => (split === usual ? [] : ["--validation-split", String(split)]);
  if (task.kind === "classify") {
    const columns = columnsOf(task, tables);
    return columns === null ? null : ["--kind", "transformer", ...columns, ...share(CLASSIFIER_SPLIT)];
  }
  return ["--train-file", task.train_file, ...(task.validation_file ? ["--validation-file", task.validation_file] : share(READ_SPLIT))];
}

/** The settings that are not as the command line has them. */
function settingWords({ task, settings: asked = usualOf(task.kind) }: TrainEncoderRequest): string[] {
  const settings = told(asked);
  const { lora } = settings;
  const usual = usualOf(task.kind, lora !== undefined);
  const words = lora === undefined ? [] : ["--lora", ...(["r", "alpha", "dropout"] as const).flatMap((field) => (lora[field] === USUAL_LORA[field] ? [] : flag(`lora_${field}`, lora[field])))];
  if (lora !== undefined && lora.targets.length > 0) words.push(...flag("lora_targets", lora.targets));
  for (const [field, usually] of Object.entries(usual)) {
    const value = settings[field as keyof typeof usual];
    if (value !== usually) words.push(...flag(field === "epochs" ? "num_epochs" : field, value));
  }
  return words;
}

/** `mirante classifier`, `tagger` or `qa train` with everything that is not as usual; null where its table is gone. */
export function teachLine(request: TrainEncoderRequest, tables: Tables): string | null {
  const words = taskWords(request.task, tables);
  return words === null ? null : line(["mirante", COMMANDS[request.task.kind], "train", ...words, "--model-name", request.base_model, ...settingWords(request)]);
}

/** `mirante classifier train` as it learns in seconds. */
export function linearLine(request: TrainClassifierRequest, tables: Tables): string | null {
  const words = columnsOf(request, tables);
  return words === null ? null : line(["mirante", "classifier", "train", ...words]);
}

/** `mirante leads train` with everything that is not as usual. */
export function leadsLine({ source, target, positive, ignore = [], hot, warm }: TrainLeadsRequest, tables: Tables): string | null {
  const file = fileOf(source, tables);
  if (file === null) return null;
  return line(["mirante", "leads", "train", ...file, "--target", target, ...flag("positive", positive), ...ignore.flatMap((column) => ["--ignore", column]), ...flag("hot", hot), ...flag("warm", warm)]);
}

/** Goes on where the training in a folder was cut off. */
export function resumeLine(folder: string): string {
  return line(["mirante", "lora", "start", "--output-dir", folder, "--resume"]);
}

/** What does a training again, or goes on with one that was cut off. */
export function lineOf({ state, request, output_dir }: Pick<Training, "state" | "request" | "output_dir">, tables: Tables): string | null {
  const isCut = state === "interrupted";
  if (!isEncoder(request)) return isCut ? resumeLine(output_dir) : startLine(request);
  const on = isCut ? ["--output-dir", output_dir, "--resume"] : [];
  if (isCut && request.task.kind !== "classify") return line(["mirante", COMMANDS[request.task.kind], "train", ...on]);
  // A classifier's line names its table even so.
  const again = teachLine(request, tables);
  return again === null ? null : [again, ...on.map(quoted)].join(" ");
}
