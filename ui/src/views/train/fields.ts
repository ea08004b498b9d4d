/** The settings that are folded away, by what they are about, with the bounds of each. */
import type { EncoderLora, EncoderSettings, LoraSettings } from "../../gen/operations";

type Numeric<T> = { [K in keyof T]-?: T[K] extends number ? K : never }[keyof T] & string;

export interface NumberField<T> {
  name: Numeric<T>;
  min: number;
  max?: number;
  /** `any` lets every decimal be. */
  step: "1" | "any";
}

export interface Group<T> {
  name: string;
  fields: readonly NumberField<T>[];
}

/** Those that both kinds of models have. */
type Shared = Omit<LoraSettings, "r" | "alpha" | "dropout"> & EncoderSettings;

const PACE = [
  { name: "epochs", min: 1, step: "1" },
  { name: "learning_rate", min: 0, step: "any" },
  { name: "warmup_ratio", min: 0, max: 1, step: "any" },
  { name: "weight_decay", min: 0, step: "any" },
  { name: "max_grad_norm", min: 0, step: "any" },
  { name: "seed", min: 0, step: "1" },
] as const satisfies readonly NumberField<Shared>[];

const MEMORY = [
  { name: "batch_size", min: 1, step: "1" },
  { name: "gradient_accumulation", min: 1, step: "1" },
  { name: "max_length", min: 8, step: "1" },
] as const satisfies readonly NumberField<Shared>[];

const ENDS = [
  { name: "max_steps", min: 0, step: "1" },
  { name: "eval_steps", min: 0, step: "1" },
  { name: "save_steps", min: 0, step: "1" },
  { name: "early_stopping_patience", min: 0, step: "1" },
] as const satisfies readonly NumberField<Shared>[];

/** The size of a small change. */
export const CHANGE = [
  { name: "r", min: 1, max: 1024, step: "1" },
  { name: "alpha", min: 0, step: "any" },
  { name: "dropout", min: 0, max: 0.99, step: "any" },
] as const satisfies readonly NumberField<EncoderLora>[];

export const GROUPS: readonly Group<LoraSettings>[] = [
  { name: "adapter", fields: CHANGE },
  { name: "pace", fields: PACE },
  { name: "memory", fields: MEMORY },
  { name: "ends", fields: ENDS },
];

export const READ_GROUPS: readonly Group<EncoderSettings>[] = [
  { name: "pace", fields: PACE },
  { name: "memory", fields: MEMORY },
  { name: "ends", fields: ENDS },
];

/** Where a model can be taught, and in which numbers, as far as they have names of their own. */
export const DEVICES: readonly string[] = ["auto", "cpu", "cuda", "metal"];
export const PRECISIONS = ["auto", "f32", "f16", "bf16"] as const;

export const SCHEDULES = ["cosine", "linear", "constant"] as const;
