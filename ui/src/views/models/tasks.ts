/** What models do, and the list of them: by task, what is at hand first. */
import type { ModelEntry } from "../../gen/operations";

/** The tasks that a model can be tried at, in the order of the list. */
export const TASKS = ["embed", "classify", "tag", "answer", "summarize", "generate"] as const;
export type Task = (typeof TASKS)[number];

/** A task by its name; null for one that this screen does not know. */
export function taskOf({ task }: Pick<ModelEntry, "task">): Task | null {
  return TASKS.find((one) => one === task) ?? null;
}

/** Whether a licence forbids earning money with the model, as its own name says. */
export function isNonCommercial(licence: string | null): boolean {
  return licence !== null && /(^|[-_])(nc|noncommercial|research)([-_]|$)/i.test(licence);
}

export interface Group {
  task: Task | "other";
  models: ModelEntry[];
}

/** Models by task; in each group those on this machine first, else in the order they came in. */
export function grouped(models: readonly ModelEntry[]): Group[] {
  const groups: Group[] = [...TASKS, "other" as const].map((task) => ({ task, models: models.filter((model) => (taskOf(model) ?? "other") === task) }));
  return groups
    .filter((group) => group.models.length > 0)
    .map(({ task, models }) => ({ task, models: models.toSorted((a, b) => Number(b.here) - Number(a.here)) }));
}

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The models that hold every word of a text, whatever its case and accents; `words` says more of one. */
export function matching(models: readonly ModelEntry[], text: string, words: (model: ModelEntry) => string): ModelEntry[] {
  const wanted = plain(text).split(/\s+/).filter((word) => word !== "");
  return models.filter((model) => {
    const said = plain([model.id, model.repository, model.architecture, model.licence, words(model)].join(" "));
    return wanted.every((word) => said.includes(word));
  });
}
