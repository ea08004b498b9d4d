/** What floats over the screen now: palette, cheat sheet, dialogs. */
import { tick } from "svelte";

export type Floating = "palette" | "keys" | "export" | "rename" | "quit" | null;

class Ui {
  floating = $state<Floating>(null);
  trayOpen = $state(false);
  /** A dataset that waits for a yes before it is removed. */
  removing = $state<number | null>(null);
  /** Map or table in the segments view. */
  segmentsPane = $state<"map" | "table" | "sizes" | "suggest">("map");
  mapTool = $state<"pan" | "lasso">("pan");
  /** An upload under way: its file and the part that is sent. */
  upload = $state.raw<{ name: string; part: number } | null>(null);
}

export const ui = new Ui();

/** Puts the caret into the search box of the view on screen, as that view is about to be. */
export async function focusSearch(): Promise<void> {
  await tick();
  document.querySelector<HTMLInputElement>("#view [role='searchbox']")?.focus();
}
