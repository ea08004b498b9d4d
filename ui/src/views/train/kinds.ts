/** What can be taught: a model that writes, or one that reads; and which of them a training is of. */
import type { EncoderSettings, LoraSettings, TrainEncoderRequest, Training, TrainingAsked, TrainingSettings } from "../../gen/operations";
import { fixed } from "../../shared/i18n.svelte";

export const TAUGHT = ["write", "classify", "tag", "answer"] as const;
export type Taught = (typeof TAUGHT)[number];
/** What a model that reads is taught. */
export type Read = Exclude<Taught, "write">;
/** And what is learned in seconds from a table's other columns. */
export const PLANNED = [...TAUGHT, "leads"] as const;
export type Planned = (typeof PLANNED)[number];

export function isEncoder(request: TrainingAsked): request is TrainEncoderRequest {
  return "task" in request;
}

export function isLora(settings: LoraSettings | EncoderSettings | TrainingSettings): settings is LoraSettings {
  return "quant" in settings;
}

/** What a training teaches. */
export function taughtBy(request: TrainingAsked): Taught {
  return isEncoder(request) ? request.task.kind : "write";
}

/** The figure that says how good a model is, of each kind: the lowest loss, or the highest of the others. */
export const HEADLINES = { write: "loss", classify: "macro_f1", tag: "f1", answer: "f1" } as const satisfies Record<Taught, string>;

/** The figure that a training is judged by. */
export function headlineOf({ request }: Pick<Training, "request">): (typeof HEADLINES)[Taught] {
  return HEADLINES[taughtBy(request)];
}

/** The better of two such figures. */
export function better(taught: Taught, one: number, other: number): boolean {
  return taught === "write" ? one < other : one > other;
}

/** A figure of a training in digits: those of answers are told of a hundred, as SQuAD has them. */
export function scoreTold(taught: Taught, value: number): string {
  return fixed(value, taught === "answer" ? 1 : 3);
}
