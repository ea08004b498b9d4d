/** Every screen, in both themes and both languages: readable, named, and in words. */
import { Server } from "../shared/serve.mjs";
import { tour } from "../shared/tour.mjs";
import { GROUPS } from "../shared/words.mjs";
import { expect, test } from "./mirante.mjs";
import { faults } from "./sight.mjs";

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing wrong in the ${theme} theme`, async ({ app: page }) => {
    test.slow();
    await page.getByTestId("theme-menu").click();
    await page.getByTestId(`theme-${theme}`).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await tour(page, async (name) => {
      expect.soft(await faults(page), name).toEqual([]);
    });
  });
}

/** Everything the screen says: texts, names for screen readers, tips, hints. */
function said(page) {
  return page.evaluate(() => {
    const texts = [document.title, ...document.body.innerText.split("\n")];
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], option")) {
      texts.push(element.getAttribute("aria-label"), element.getAttribute("title"), element.getAttribute("placeholder"), element.matches("option") ? element.textContent : null);
    }
    return texts.filter((text) => text !== null && text.trim() !== "");
  });
}

test("both languages say everything in words", async ({ app: page, browser }) => {
  test.slow();
  const code = new RegExp(`(^|\\s)(${GROUPS.join("|")})\\.[a-z_]+(\\.[a-z_]+)*(\\s|$)`);
  const heard = {};
  const listen = (language, on) => async (name) => {
    const texts = await said(on);
    heard[language] = new Set([...(heard[language] ?? []), ...texts]);
    expect.soft(texts.filter((text) => code.test(text)), `codes shown in ${language}, ${name}`).toEqual([]);
    expect.soft(texts.filter((text) => /\{[a-z_]+\}|undefined|NaN|\[object /.test(text)), `places left empty in ${language}, ${name}`).toEqual([]);
  };
  await tour(page, listen("pt-BR", page));
  await expect(page.locator("html")).toHaveAttribute("lang", "pt-BR");

  const server = await new Server().start();
  try {
    const context = await browser.newContext({ locale: "en-GB" });
    const other = await context.newPage();
    await other.goto(server.link);
    await expect(other.locator("html")).toHaveAttribute("lang", "en");
    await tour(other, listen("en", other));
    // Settings stay open: one click changes the language of the whole screen, and stays after a reload.
    const kept = other.waitForResponse("**/api/save_settings");
    await other.getByTestId("settings-language").selectOption("pt-BR");
    await expect(other.getByRole("heading", { name: "Configurações" })).toBeVisible();
    await kept;
    await other.reload();
    await expect(other.locator("html")).toHaveAttribute("lang", "pt-BR");
    await context.close();
  } finally {
    await server.close();
  }
  for (const [words, language, not] of [["Configurações", "pt-BR", "en"], ["Segmentos", "pt-BR", "en"], ["Settings", "en", "pt-BR"], ["Segments", "en", "pt-BR"]]) {
    expect([...heard[language]], language).toContain(words);
    expect([...heard[not]], not).not.toContain(words);
  }
});
