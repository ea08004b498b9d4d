/** What is asked of a model, and what it said: one shape for each task. */
import type { AnswerResponse, ClassifyResponse, EmbedResponse, GenerateResponse, JobStatus, ModelSettings, RanOn, SummarizeResponse, TagResponse, Writing } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { vectorsBy } from "../search/indexes";
import type { Task } from "./tasks";

/** What the person wrote, for every task at once, so that two models can be asked the same. */
export interface Inputs {
  /** To be classified, tagged or summarised. */
  text: string;
  question: string;
  context: string;
  system: string;
  prompt: string;
  /** Two texts to be compared. */
  first: string;
  second: string;
  /** Empty: as the model's makers say. */
  maxTokens: number | null;
  temperature: number | null;
  topP: number | null;
  seed: number | null;
}

export const NOTHING: Inputs = { text: "", question: "", context: "", system: "", prompt: "", first: "", second: "", maxTokens: null, temperature: null, topP: null, seed: null };

/** What the backend takes where nothing is said; the empty fields show these. */
export const USUAL = { maxTokens: 256, seed: 42 } as const;

export type Outcome =
  | { task: "classify"; response: ClassifyResponse }
  | { task: "tag"; text: string; response: TagResponse }
  | { task: "answer"; context: string; response: AnswerResponse }
  | { task: "summarize"; response: SummarizeResponse }
  | { task: "generate"; response: GenerateResponse }
  | { task: "embed"; response: EmbedResponse };

/** The fields that a task cannot do without. */
export const NEEDS: Record<Task, readonly (keyof Inputs & ("text" | "question" | "context" | "prompt" | "first" | "second"))[]> = {
  classify: ["text"],
  tag: ["text"],
  summarize: ["text"],
  answer: ["question", "context"],
  generate: ["prompt"],
  embed: ["first", "second"],
};

/** Whether enough is written to ask. */
export function canAsk(task: Task, inputs: Inputs): boolean {
  return NEEDS[task].every((field) => inputs[field].trim() !== "");
}

/** Whether nothing that the task needs is written yet. */
export function isBlank(task: Task, inputs: Inputs): boolean {
  return NEEDS[task].every((field) => inputs[field].trim() === "");
}

/** Everything that what a task says depends on, to tell whether it changed since. */
export function asked(task: Task, inputs: Inputs): string {
  const { system, maxTokens, temperature, topP, seed } = inputs;
  return JSON.stringify([NEEDS[task].map((field) => inputs[field]), task === "generate" ? [system, maxTokens, temperature, topP, seed] : []]);
}

/** How a model is run; with an adapter where one was taught to it. */
export function settingsOf(model: string, adapter: string | null = null): ModelSettings {
  return { model, ...(adapter === null ? {} : { adapter }), batch: 32, device: "auto", precision: "auto" };
}

/** How a text is to be written: what is empty stays the model's own. */
export function writingOf({ maxTokens, temperature, topP, seed }: Inputs): Writing {
  return { max_tokens: maxTokens ?? USUAL.maxTokens, seed: seed ?? USUAL.seed, ...(temperature === null ? {} : { temperature }), ...(topP === null ? {} : { top_p: topP }) };
}

/** What the model is told beforehand, where that is anything. */
export function systemOf({ system }: Inputs): { system?: string } {
  return system.trim() === "" ? {} : { system: system.trim() };
}

/** Asks a model; `started` hears of the job where there is one. */
export async function ask(task: Task, model: string, adapter: string | null, inputs: Inputs, started: (job: JobStatus) => void): Promise<Outcome> {
  const settings = settingsOf(model, adapter);
  const { text, question, context, prompt, first, second } = inputs;
  switch (task) {
    case "classify":
      return { task, response: await host.call("classify", { texts: [text], settings }) };
    case "tag":
      return { task, text, response: await host.call("tag", { texts: [text], settings }) };
    case "answer":
      return { task, context, response: await host.call("answer", { question, contexts: [context], choice: { most: 5, longest: 30, threshold: 0, must: false }, settings }) };
    case "summarize":
      return { task, response: await jobs.run("summarize", { texts: [text], settings }, started) };
    case "generate":
      return { task, response: await jobs.run("generate", { prompt, ...systemOf(inputs), writing: writingOf(inputs), settings }, started) };
    case "embed":
      return { task, response: await host.call("embed", { texts: [first, second], settings: vectorsBy(model) }) };
  }
}

/** The model that answered, and what it ran on. */
export function ranBy(outcome: Outcome): { model: string; ranOn: RanOn } {
  const { response } = outcome;
  return { model: "space" in response ? response.space.model : response.model, ranOn: response.ran_on };
}
