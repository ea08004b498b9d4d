/** How a model is taught: the usual settings, and sets of them for machines and patience of different size. */
import type { LoraSettings } from "../../gen/operations";

/** What the backend takes where nothing is said. */
export const USUAL: LoraSettings = {
  device: "auto",
  precision: "auto",
  quant: "none",
  r: 16,
  alpha: 16,
  dropout: 0.05,
  targets: ["q_proj", "k_proj", "v_proj", "o_proj"],
  epochs: 2,
  learning_rate: 2e-4,
  schedule: "cosine",
  warmup_ratio: 0.03,
  weight_decay: 0,
  max_grad_norm: 1,
  batch_size: 2,
  gradient_accumulation: 8,
  max_length: 1024,
  on_all: false,
  gradient_checkpointing: false,
  optimizer: "adamw",
  early_stopping_patience: 0,
  eval_steps: 0,
  save_steps: 50,
  max_steps: 0,
  seed: 42,
};

/** The share of the examples that is not learned where nothing is said. */
export const USUAL_SPLIT = 0.05;

/** The fields that a preset sets; all others stay as the person has them. */
type Chosen = Pick<LoraSettings, "quant" | "r" | "alpha" | "targets" | "epochs" | "learning_rate" | "batch_size" | "gradient_accumulation" | "max_length" | "gradient_checkpointing" | "early_stopping_patience" | "eval_steps">;

const attention = [...USUAL.targets];

/** Every preset has 16 examples a step, so that the learning rate means the same in each. */
export const PRESETS = {
  small: { quant: "nf4", r: 8, alpha: 8, targets: attention, epochs: 1, learning_rate: 2e-4, batch_size: 1, gradient_accumulation: 16, max_length: 512, gradient_checkpointing: true, early_stopping_patience: 0, eval_steps: 0 },
  balanced: { quant: "none", r: 16, alpha: 16, targets: attention, epochs: 2, learning_rate: 2e-4, batch_size: 2, gradient_accumulation: 8, max_length: 1024, gradient_checkpointing: false, early_stopping_patience: 0, eval_steps: 0 },
  thorough: { quant: "none", r: 32, alpha: 32, targets: [...attention, "gate_proj", "up_proj", "down_proj"], epochs: 4, learning_rate: 1e-4, batch_size: 2, gradient_accumulation: 8, max_length: 2048, gradient_checkpointing: true, early_stopping_patience: 3, eval_steps: 50 },
} as const satisfies Record<string, Omit<Chosen, "targets"> & { targets: readonly string[] }>;

export type Preset = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as Preset[];

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Settings with a preset's fields in place of their own. */
export function withPreset(settings: LoraSettings, preset: Preset): LoraSettings {
  const { targets, ...rest } = PRESETS[preset];
  return { ...settings, ...rest, targets: [...targets] };
}

/** The preset that settings are as; null where a field of it was changed. */
export function presetOf(settings: LoraSettings): Preset | null {
  return PRESET_NAMES.find((name) => Object.entries(PRESETS[name]).every(([field, value]) => same(settings[field as keyof LoraSettings], value))) ?? null;
}

/** The fields that differ from the usual ones, in their order. */
export function changedFields(settings: LoraSettings): (keyof LoraSettings)[] {
  return (Object.keys(USUAL) as (keyof LoraSettings)[]).filter((field) => !same(settings[field], USUAL[field]));
}

/** Whether every number is one: a field that is empty while it is typed in is none. */
export function isWhole(settings: LoraSettings): boolean {
  return settings.targets.length > 0 && Object.values(settings).every((value) => value !== null && (typeof value !== "number" || Number.isFinite(value)));
}
