/** Shortcuts: how they are written, matched and shown. */

const mac = () => /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** Whether a key press is the one that `keys` names, such as `mod+k` or `?`. */
export function matches(keys: string, event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): boolean {
  const parts = keys.split("+");
  const key = parts.pop() ?? "";
  const mod = event.ctrlKey || event.metaKey;
  if (parts.includes("mod") !== mod || event.altKey) return false;
  const named: Record<string, string> = { esc: "Escape", enter: "Enter" };
  return event.key.toLowerCase() === (named[key] ?? key).toLowerCase();
}

/** Keys as the person's keyboard names them. */
export function shown(keys: string): string {
  const names: Record<string, string> = { mod: mac() ? "⌘" : "Ctrl", enter: "Enter", esc: "Esc", home: "Home" };
  return keys
    .split("+")
    .map((part) => names[part] ?? part.toUpperCase())
    .join(mac() ? "" : "+");
}

/** Whether the person is typing, so that plain letters are text and not commands. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
}
