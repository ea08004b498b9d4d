/** How a model that reads is taught: the usual settings by what it learns, and sets of them for patience and machines of different size. */
import type { EncoderLora, EncoderSettings } from "../../gen/operations";
import type { Read } from "./kinds";

/** What the backend takes where nothing is said. */
const USUAL: EncoderSettings = {
  freeze_embeddings: false,
  device: "auto",
  precision: "auto",
  epochs: 3,
  learning_rate: 5e-5,
  schedule: "linear",
  warmup_ratio: 0,
  weight_decay: 0.01,
  max_grad_norm: 1,
  batch_size: 16,
  eval_batch_size: 32,
  gradient_accumulation: 1,
  max_length: 256,
  gradient_checkpointing: false,
  optimizer: "adamw",
  early_stopping_patience: 0,
  eval_steps: 0,
  save_steps: 200,
  max_steps: 0,
  seed: 42,
};

/** A small change in place of the whole model, as the backend makes it; it takes a higher learning rate. */
export const USUAL_LORA: EncoderLora = { r: 16, alpha: 32, dropout: 0.1, targets: [] };
const LORA_RATE = 3e-4;

/** The share of the examples that is not learned where nothing is said. */
export const READ_SPLIT = 0.1;

/** What is usual for a task, as the command line has it: contexts are long, so fewer of them at once. */
export function usualOf(read: Read, lora = false): EncoderSettings {
  const answers = read === "answer" ? { batch_size: 4, eval_batch_size: 8, max_length: 384, learning_rate: 3e-5 } : {};
  return { ...USUAL, ...answers, ...(lora ? { learning_rate: LORA_RATE } : {}) };
}

/** Settings as they were stored or told, where a change that is not there is null. */
export function told({ lora, ...rest }: EncoderSettings): EncoderSettings {
  return lora ? { ...rest, lora } : rest;
}

/** Turns the small change on or off; the learning rate goes with it unless it is the person's own. */
export function withLora(settings: EncoderSettings, read: Read, on: boolean): EncoderSettings {
  const { lora: _lora, ...rest } = settings;
  const isUsual = settings.learning_rate === usualOf(read, settings.lora !== undefined).learning_rate;
  const learning_rate = isUsual ? usualOf(read, on).learning_rate : settings.learning_rate;
  return { ...rest, learning_rate, ...(on ? { lora: { ...USUAL_LORA } } : {}) };
}

export const READ_PRESETS = ["small", "quick", "balanced", "thorough"] as const;
export type ReadPreset = (typeof READ_PRESETS)[number];

/** The fields that a preset sets; all others stay as the person has them. */
type Chosen = Pick<EncoderSettings, "epochs" | "batch_size" | "gradient_accumulation" | "max_length" | "freeze_embeddings" | "gradient_checkpointing" | "warmup_ratio" | "early_stopping_patience">;

/** A preset's fields. Each has as many examples a step, so that the learning rate means the same in all. */
function fieldsOf(read: Read, preset: ReadPreset): Chosen {
  const { batch_size, max_length } = usualOf(read);
  const balanced = { epochs: 3, batch_size, gradient_accumulation: 1, max_length, freeze_embeddings: false, gradient_checkpointing: false, warmup_ratio: 0, early_stopping_patience: 0 };
  switch (preset) {
    case "small":
      return { ...balanced, batch_size: batch_size / 4, gradient_accumulation: 4, max_length: max_length / 2, freeze_embeddings: true, gradient_checkpointing: true };
    case "quick":
      return { ...balanced, epochs: 1, max_length: max_length / 2, freeze_embeddings: true };
    case "balanced":
      return balanced;
    case "thorough":
      return { ...balanced, epochs: 6, warmup_ratio: 0.1, early_stopping_patience: 2 };
  }
}

/** Settings with a preset's fields in place of their own. */
export function withReadPreset(settings: EncoderSettings, read: Read, preset: ReadPreset): EncoderSettings {
  const { lora: _lora, ...whole } = withLora(settings, read, false);
  return { ...whole, ...fieldsOf(read, preset) };
}

/** The preset that settings are as; null where a field of it was changed. */
export function readPresetOf(settings: EncoderSettings, read: Read): ReadPreset | null {
  if (settings.lora !== undefined) return null;
  return READ_PRESETS.find((name) => Object.entries(fieldsOf(read, name)).every(([field, value]) => settings[field as keyof EncoderSettings] === value)) ?? null;
}

/** The fields that differ from the usual ones, in their order. */
export function changedReadFields(settings: EncoderSettings, read: Read): (keyof EncoderSettings)[] {
  const usual = usualOf(read, settings.lora !== undefined);
  const fields = (Object.keys(usual) as (keyof EncoderSettings)[]).filter((field) => settings[field] !== usual[field]);
  return settings.lora === undefined ? fields : ["lora", ...fields];
}

/** Whether every number is one: a field that is empty while it is typed in is none. */
export function isWholeRead({ lora, ...rest }: EncoderSettings): boolean {
  const isOne = (value: unknown) => value !== null && (typeof value !== "number" || Number.isFinite(value));
  return [...Object.values(rest), ...Object.values(lora ?? {})].every(isOne);
}
