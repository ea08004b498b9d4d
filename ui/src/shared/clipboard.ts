/** Puts text on the clipboard and says so. */
import { t } from "./i18n.svelte";
import { toasts } from "./toasts.svelte";

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without leave for the clipboard, the page's own copy command still works on a selection.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toasts.say(t("common.copied"));
}
