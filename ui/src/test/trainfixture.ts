/** A backend whose trainings are made of numbers too. Never part of a build. */
import { MiranteError } from "../backend/backend";
import type { JobStatus, LoraSettings, ModelEntry, Operations, SetUsualModelRequest, SetUsualModelResponse, Training, TrainingEstimate, TrainLoraRequest } from "../gen/operations";
import { USUAL, withPreset } from "../views/train/presets";
import { Fixture } from "./fixture";

export const writer = (id: string, more: Partial<ModelEntry> = {}): ModelEntry => ({ id, repository: `dono/${id}`, task: "generate", architecture: "llama", languages: ["pt"], licence: "mit", dimension: null, tokens: 2048, bytes: 1e9, memory: 2e9, fits: true, here: true, own: true, revision: null, folder: null, bytes_here: 1e9, ...more });

/** A loss that falls, with the jumps that single steps have. */
const lossAt = (step: number) => 0.7 + 2.4 * Math.exp(-step / 40) + 0.25 * Math.sin(step * 12.9898) * Math.exp(-step / 90);

/** A training that has taken `step` of `steps` steps, evaluated every ten. */
export function trainingAt(folder: string, step: number, steps: number, more: Partial<Training> = {}): Training {
  const curve = Array.from({ length: step }, (_, i) => ({ step: i + 1, epoch: ((i + 1) / steps) * 2, loss: lossAt(i + 1), learning_rate: 1e-4 * (1 + Math.cos((Math.PI * (i + 1)) / steps)), gradient_norm: 1, tokens_per_second: 310 + 12 * Math.sin(i), seconds: 2, memory: 2.1e9 + 1e6 * (i % 7) }));
  const evaluations = Array.from({ length: Math.floor(step / 10) }, (_, i) => ({ step: (i + 1) * 10, figures: { loss: lossAt((i + 1) * 10) + 0.12, perplexity: 3 }, is_best: true }));
  return { output_dir: folder, state: "running", request: request(), begun_at: Date.now() - 60_000, step, steps, seconds_left: (steps - step) * 2, curve, evaluations, result: null, ...more };
}

const request = (settings: LoraSettings = USUAL): TrainLoraRequest => ({ base_model: "dono/escritor", train_file: "/casa/examples/a.jsonl", validation_split: 0.05, settings });

/** What a training needs, in round numbers: more with longer examples and larger batches. */
export function needsOf({ settings = USUAL }: TrainLoraRequest, limit: number): TrainingEstimate {
  const memoryOf = (one: LoraSettings) => 1.2e9 + one.batch_size * one.max_length * (one.gradient_checkpointing ? 4e5 : 9e5);
  const memory = memoryOf(settings);
  const small = withPreset(settings, "small");
  const fits = memory <= limit;
  return { device: "cpu", memory, memory_limit: limit, card_memory: null, card_limit: null, disk: 6.4e7, disk_free: 2.1e11, seconds: 2000 * settings.epochs, steps: 35 * settings.epochs, taught: 558, held: 30, cut: settings.max_length < 1024 ? 12 : 0, dropped: 0, tokens: 128_000, parameters: settings.r * 70_000, fits, ...(fits || memoryOf(small) > limit ? {} : { would_fit: small, would_take: memoryOf(small) }) };
}

export class TrainFixture extends Fixture {
  models: ModelEntry[] = [writer("escritor")];
  trainings: Training[] = [];
  limit = 4e9;
  usual: SetUsualModelResponse["usual"] = {};

  override async call<K extends keyof Operations>(operation: K, asked: Operations[K]["request"]): Promise<Operations[K]["response"]> {
    const told = this.told(operation, asked);
    if (told === undefined) return super.call(operation, asked);
    this.calls.push({ operation, request: asked });
    return structuredClone(told) as Operations[K]["response"];
  }

  private told(operation: string, asked: unknown): unknown {
    const { output_dir, keep, model } = asked as { output_dir?: string; keep?: boolean; model?: string };
    const one = this.trainings.find((training) => training.output_dir === output_dir);
    switch (operation) {
      case "models":
        return { models: this.models, offline: null };
      case "model":
        return this.models.find((entry) => entry.repository === model);
      case "trainings":
        return { trainings: this.trainings.map((training) => ({ ...training, curve: [] })) };
      case "training":
        if (one === undefined) throw new MiranteError({ code: "unknown_training", fields: { id: output_dir ?? "" } });
        return one;
      case "stop_training":
        if (one === undefined) throw new MiranteError({ code: "unknown_training", fields: { id: output_dir ?? "" } });
        return Object.assign(one, { state: keep ? "done" : "interrupted" });
      case "set_usual_model": {
        const { task, usual } = asked as SetUsualModelRequest;
        const before = this.usual[task] ?? null;
        this.usual = Object.fromEntries([...Object.entries(this.usual).filter(([one]) => one !== task), ...(usual ? [[task, usual]] : [])]);
        return { before, usual: this.usual };
      }
      default:
        return undefined;
    }
  }

  protected override result(job: JobStatus): unknown {
    if (job.operation === "build_examples") return { read: 600, written: 588, duplicates: 9, empty: 3, beyond: 0, masked: { cpf: 2, telephone: 5 }, out: (job.request as { out: string }).out };
    if (job.operation === "estimate_training") return needsOf(job.request as TrainLoraRequest, this.limit);
    return super.result(job);
  }
}

/** Trainings as a person may have them: one at work, one done, one cut off. */
export function someTrainings(): Training[] {
  const done = trainingAt("/casa/runs/training/atendimento-1795100000000", 70, 70, { state: "done", begun_at: Date.now() - 9e7, request: request(withPreset(USUAL, "small")) });
  const estimate = needsOf(request(withPreset(USUAL, "small")), 4e9);
  done.result = { output_dir: done.output_dir, adapter: `${done.output_dir}/adapter`, base_model: "dono/escritor", ran_on: { device: "cpu", precision: "f32", instructions: "avx2" }, steps: 70, end: "whole", figures: { loss: lossAt(70) + 0.12, perplexity: 2.6 }, seconds: 1834, tokens_per_second: 312, peak_memory: 2.3e9, estimate };
  return [trainingAt("/casa/runs/training/escritor-1795300000000", 143, 420), done, trainingAt("/casa/runs/training/escritor-1794900000000", 12, 70, { state: "interrupted", begun_at: Date.now() - 3e8, seconds_left: null })];
}

