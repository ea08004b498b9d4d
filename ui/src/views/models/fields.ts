/** The first field of a panel that can be written in: what is folded away cannot. */
export function firstField(within: HTMLElement): HTMLElement | null {
  return within.querySelector<HTMLElement>(":is(textarea, input):not(details:not([open]) *)");
}
