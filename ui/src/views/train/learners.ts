/** Which models can learn what, and which of them is taken where none was chosen. */
import type { ModelEntry } from "../../gen/operations";
import type { Taught } from "./kinds";

/** What models that read are made for: each can be taught another of them. */
const READERS: readonly string[] = ["embed", "classify", "tag", "answer"];

export function canLearn({ here, task }: Pick<ModelEntry, "here" | "task">, taught: Taught): boolean {
  // What was fetched by its name may have no card that tells its task.
  return here && (task === null || (taught === "write" ? task === "generate" : READERS.includes(task)));
}

/** One to begin with: the only one that writes; of those that read one that makes vectors, for it has no task to unlearn, else one of the same task. */
export function usualModel(models: readonly Pick<ModelEntry, "repository" | "task">[], taught: Taught): string {
  if (taught === "write") return models.length === 1 ? models[0].repository : "";
  const first = (task: string) => models.find((one) => one.task === task);
  return (first("embed") ?? first(taught) ?? models.find((one) => one.task !== null))?.repository ?? "";
}
