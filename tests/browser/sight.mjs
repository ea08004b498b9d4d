/** Whether a screen can be read, and pictures of it. */
import AxeBuilder from "@axe-core/playwright";
import { join } from "node:path";
import { expect } from "@playwright/test";

/** What of the rules for accessible pages (WCAG 2.2, A and AA) the page as it stands breaks, a line each. */
export async function faults(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.any[0]?.message ?? node.failureSummary}`));
}

async function under(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
}

/** Readable and named in both themes, which follow the system's here. */
export async function isSound(page) {
  for (const theme of ["dark", "light"]) {
    await under(page, theme);
    expect.soft(await faults(page), theme).toEqual([]);
  }
}

/** Pictures for whoever wants to look, in the folder that MIRANTE_SHOTS names. */
export async function look(page, name) {
  if (process.env.MIRANTE_SHOTS === undefined) return;
  const before = page.viewportSize();
  for (const [width, height] of [[1280, 800], [1920, 1080]]) {
    for (const theme of ["light", "dark"]) {
      await page.setViewportSize({ width, height });
      await under(page, theme);
      await page.screenshot({ path: join(process.env.MIRANTE_SHOTS, `${width}x${height}-${theme}-${name}.png`) });
    }
  }
  await page.setViewportSize(before);
}
