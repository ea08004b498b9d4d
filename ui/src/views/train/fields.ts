/** The settings that are folded away, by what they are about, with the bounds of each. */
import type { LoraSettings } from "../../gen/operations";

type Numeric = { [K in keyof LoraSettings]: LoraSettings[K] extends number ? K : never }[keyof LoraSettings];

export interface NumberField {
  name: Numeric;
  min: number;
  max?: number;
  /** `any` lets every decimal be. */
  step: "1" | "any";
}

export const GROUPS: readonly { name: string; fields: readonly NumberField[] }[] = [
  {
    name: "adapter",
    fields: [
      { name: "r", min: 1, max: 1024, step: "1" },
      { name: "alpha", min: 0, step: "any" },
      { name: "dropout", min: 0, max: 0.99, step: "any" },
    ],
  },
  {
    name: "pace",
    fields: [
      { name: "epochs", min: 1, step: "1" },
      { name: "learning_rate", min: 0, step: "any" },
      { name: "warmup_ratio", min: 0, max: 1, step: "any" },
      { name: "weight_decay", min: 0, step: "any" },
      { name: "max_grad_norm", min: 0, step: "any" },
      { name: "seed", min: 0, step: "1" },
    ],
  },
  {
    name: "memory",
    fields: [
      { name: "batch_size", min: 1, step: "1" },
      { name: "gradient_accumulation", min: 1, step: "1" },
      { name: "max_length", min: 8, step: "1" },
    ],
  },
  {
    name: "ends",
    fields: [
      { name: "max_steps", min: 0, step: "1" },
      { name: "eval_steps", min: 0, step: "1" },
      { name: "save_steps", min: 0, step: "1" },
      { name: "early_stopping_patience", min: 0, step: "1" },
    ],
  },
];

export const SCHEDULES = ["cosine", "linear", "constant"] as const;
