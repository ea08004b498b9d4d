/** What was taught, as a model among the others. */
import { t } from "../../shared/i18n.svelte";
import { jobs } from "../../shared/jobs.svelte";
import { toasts } from "../../shared/toasts.svelte";

/** Copies a model's folder to where the Models view finds it. */
export async function putIntoModels(path: string, name: string): Promise<void> {
  try {
    const { id } = await jobs.run("import_model", { path, name });
    toasts.say(t("models.fetched", { model: id }));
  } catch (error) {
    toasts.fail(error);
  }
}
