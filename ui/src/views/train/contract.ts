/** The operations of training, until the generated contract has them. */
import type {} from "../../gen/operations";

declare module "../../gen/operations" {
  interface BuildExamplesRequest { source?: Source; prompt_col?: string; reply_col?: string; events?: string; out: string; max_samples?: number; keep_personal?: boolean; seed?: number }
  interface BuildExamplesResponse { read: number; written: number; duplicates: number; empty: number; beyond: number; masked: Record<string, number>; out: string }
  type RateSchedule = "linear" | "cosine" | "constant";
  interface LoraSettings { r: number; alpha: number; dropout: number; targets: string[]; epochs: number; learning_rate: number; schedule: RateSchedule; warmup_ratio: number; weight_decay: number; max_grad_norm: number; batch_size: number; gradient_accumulation: number; max_length: number; on_all: boolean; gradient_checkpointing: boolean; early_stopping_patience: number; eval_steps: number; save_steps: number; max_steps: number; seed: number }
  interface TrainLoraRequest { base_model: string; train_file: string; validation_split?: number; output_dir?: string; settings?: LoraSettings; resume?: boolean }
  interface TrainingEstimate { memory: number; memory_limit: number | null; disk: number; disk_free: number | null; seconds: number; steps: number; taught: number; held: number; cut: number; dropped: number; tokens: number; parameters: number; fits: boolean; would_fit?: LoraSettings; would_take?: number }
  interface TrainingResult { output_dir: string; adapter: string; base_model: string; steps: number; end: string; figures: Record<string, number>; seconds: number; tokens_per_second: number; peak_memory: number | null; estimate: TrainingEstimate }
  interface TrainingRequest { output_dir?: string }
  type TrainingState = "running" | "done" | "interrupted";
  interface TrainingStep { step: number; epoch: number; loss: number; learning_rate: number; gradient_norm: number; tokens_per_second: number; seconds: number; memory: number | null }
  interface TrainingEvaluation { step: number; figures: Record<string, number>; is_best: boolean }
  interface Training { output_dir: string; state: TrainingState; request: TrainLoraRequest; begun_at: number; step: number; steps: number; seconds_left: number | null; curve: TrainingStep[]; evaluations: TrainingEvaluation[]; result: TrainingResult | null }
  interface TrainingsResponse { trainings: Training[] }
  interface StopTrainingRequest { output_dir?: string; keep?: boolean }
  interface MergeAdapterRequest { adapter: string; base_model?: string; out: string }
  interface MergeAdapterResponse { out: string; changed: number }
  interface Operations {
    build_examples: { answer: "job"; request: BuildExamplesRequest; response: BuildExamplesResponse };
    estimate_training: { answer: "job"; request: TrainLoraRequest; response: TrainingEstimate };
    train_lora: { answer: "job"; request: TrainLoraRequest; response: TrainingResult };
    training: { answer: "query"; request: TrainingRequest; response: Training };
    trainings: { answer: "query"; request: Record<symbol, never>; response: TrainingsResponse };
    stop_training: { answer: "query"; request: StopTrainingRequest; response: Training };
    merge_adapter: { answer: "job"; request: MergeAdapterRequest; response: MergeAdapterResponse };
  }
}
