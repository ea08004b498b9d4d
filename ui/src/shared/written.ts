/** Files that Mirante writes for the person, in either host. */
import type { ExportResponse } from "../gen/operations";
import { host } from "./host.svelte";
import { number, t } from "./i18n.svelte";
import { toasts } from "./toasts.svelte";

/**
 * Asks where a file goes, has it written there, hands it over and says so. `placed` is called once
 * the person has said where; nothing happens when they think better of it.
 */
export async function writeFile(name: string, write: (path: string | undefined) => Promise<ExportResponse>, told: (written: ExportResponse) => string, placed: () => void = () => {}): Promise<void> {
  try {
    const place = await host.backend.destination(name);
    if (place === null) return;
    placed();
    const written = await write(place.path);
    host.backend.deliver(written.path);
    const cautions = written.warnings.map(({ code, count }) => t(`warnings.${code}`, { count: number(count) }));
    toasts.say([told(written), ...cautions].join(" "));
  } catch (error) {
    toasts.fail(error);
  }
}
