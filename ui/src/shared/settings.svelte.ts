/** What the person set, kept by the backend and applied to the page at once. */
import type { Settings } from "../gen/operations";
import { host } from "./host.svelte";
import { languageOf, locale } from "./i18n.svelte";
import { toasts } from "./toasts.svelte";

const DEFAULTS: Settings = { language: "system", theme: "system", offline: false, threads: 0, memory_limit: 0 };

class SettingsState {
  value = $state<Settings>(DEFAULTS);
  /** Whether the page is dark now, whoever decided it. */
  dark = $state(false);
  private system = window.matchMedia("(prefers-color-scheme: dark)");

  constructor() {
    this.system.addEventListener("change", () => this.apply());
    this.apply();
  }

  async load(): Promise<void> {
    this.value = await host.call("settings", {});
    this.apply();
  }

  /** Applies a change now and stores it. */
  async set(change: Partial<Settings>): Promise<void> {
    const before = this.value;
    this.value = { ...this.value, ...change };
    this.apply();
    try {
      this.value = await host.call("save_settings", $state.snapshot(this.value));
    } catch (error) {
      this.value = before;
      toasts.fail(error);
    }
    this.apply();
  }

  /** Takes over what was made usual elsewhere, or the next change would undo it. */
  takeUsual(usual: NonNullable<Settings["usual_models"]>): void {
    this.value = { ...this.value, usual_models: usual };
  }

  private apply(): void {
    this.dark = this.value.theme === "dark" || (this.value.theme !== "light" && this.system.matches);
    locale.language = languageOf(this.value.language, navigator.language ?? "");
    document.documentElement.dataset.theme = this.dark ? "dark" : "light";
    document.documentElement.lang = locale.language;
  }
}

export const settings = new SettingsState();
