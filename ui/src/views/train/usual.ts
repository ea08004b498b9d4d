/** The model that a task takes where none is named. */
import type { SetUsualModelResponse, UsualModel, UsualTask } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { t } from "../../shared/i18n.svelte";
import { toasts } from "../../shared/toasts.svelte";

/** Makes a model usual, or with none takes that back; either can be undone from the message. `take` hears what is usual then. */
export async function makeUsual(task: UsualTask, usual: UsualModel | undefined, take: (all: SetUsualModelResponse["usual"]) => void, silent = false): Promise<void> {
  try {
    const { before, usual: all } = await host.call("set_usual_model", { task, ...(usual ? { usual } : {}) });
    take(all);
    const words = t(usual ? "train.usual_made" : "train.usual_back", { task: t(`models.tasks.${task}`) });
    if (!silent) toasts.say(words, { label: t("commands.undo"), run: () => void makeUsual(task, before ?? undefined, take, true) });
  } catch (error) {
    toasts.fail(error);
  }
}
