/** Lead scores learned in the window: which leads convert, how good the scores are, a table scored, and the same by HTTP. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { written } from "../shared/csv.mjs";
import { say } from "../shared/words.mjs";
import { ask, expect, preview, test } from "./mirante.mjs";
import { isSound, look } from "./sight.mjs";

const CHANCES = { indicação: 55, site: 25, feira: 20, anúncio: 8 };

/** Leads whose origin and amount tell how likely they convert; the contract is there only afterwards. */
function leads(count) {
  let state = 11;
  const draw = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % below;
  };
  const rows = Array.from({ length: count }, (_, i) => {
    const origin = Object.keys(CHANCES)[draw(4)];
    const amount = 1000 + draw(9000);
    const converted = draw(100) < CHANCES[origin] + amount / 500;
    const two = (value) => String(value).padStart(2, "0");
    return [`L${i}`, origin, `2025-${two(draw(12) + 1)}-${two(draw(28) + 1)}`, String(amount), converted ? `C-${draw(9)}` : "", converted ? "Sim" : "Não"];
  });
  return Buffer.from(written([["lead", "origem", "contato", "valor", "contrato", "converteu"], ...rows]));
}

test("leads are scored by what is learned from a table, and the scores are used", async ({ app: page }) => {
  test.slow();
  await page.keyboard.press("5");
  await page.getByTestId("teach-leads").check();
  await expect(page.getByTestId("train-none")).toContainText(say("train.next.leads_data"));
  await expect(page.getByTestId("train-run")).toBeDisabled();

  await preview(page, "Leads de 2025.csv", leads(900));
  await page.getByTestId("import-only").click();
  await expect(page.getByTestId("row-total")).toHaveText("900 linhas");
  await page.keyboard.press("5");
  await expect(page.getByTestId("leads-target")).toHaveValue("converteu");
  await isSound(page);
  await look(page, "leads-ready");

  const result = page.getByTestId("leads-result");
  await test.step("a column that tells what came afterwards is pointed at, and left out with a click", async () => {
    await page.getByTestId("train-run").click();
    await expect(page.getByTestId("leads-leaks")).toContainText("contrato");
    await page.getByTestId("leads-leaks").getByRole("button").click();
    await expect(page.getByTestId("leads-ignore")).toContainText("contrato");
    await page.getByTestId("leads-hot").fill("40");
    await page.getByTestId("leads-warm").fill("20");
    await page.getByTestId("train-run").click();
    await expect(page.getByTestId("leads-leaks")).toHaveCount(0);
  });

  const folder = await page.getByTestId("leads-folder").getAttribute("title");
  const figures = JSON.parse(readFileSync(join(folder, "metrics-final.json"), "utf8"));
  await test.step("the figures are those of its folder", async () => {
    expect(figures.auc).toBeGreaterThan(0.65);
    const told = (value, digits) => value.toLocaleString("pt-BR", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    await expect(result.getByTestId("figure-auc").locator("b")).toHaveText(told(figures.auc, 3));
    await expect(result.getByTestId("figure-forward").locator("b")).toHaveText(told(figures.forward.auc, 3));
    await expect(result.getByTestId("figure-brier").locator("b")).toHaveText(told(figures.brier, 4));
    await expect(page.getByTestId("leads-temperatures").locator("tbody tr")).toHaveCount(3);
    await expect(page.getByTestId("leads-temperatures").locator("tbody tr").first()).toHaveText(new RegExp(`quente40,0%${figures.temperatures[0].rows}`));
    await expect(page.getByTestId("lift").getByRole("img")).toHaveCount(figures.lift.length);
    await expect(page.getByTestId("calibration").getByRole("img")).toHaveCount(figures.calibration.length);
    await expect(page.getByTestId("leads-columns").getByRole("row").filter({ hasText: "contrato" })).toContainText(say("leads.ignored"));
    await expect(page.getByTestId("leads-command")).toHaveAttribute("title", /^mirante leads train --csv .+ --target converteu --ignore contrato --hot 0\.4 --warm 0\.2$/);
    const first = page.getByTestId("lift").getByRole("img").first();
    await first.focus();
    await expect(result).toContainText(await first.getAttribute("aria-label"));
    await isSound(page);
    await look(page, "leads-done");
  });

  await test.step("made usual, it scores by HTTP where no model is named; taken back, it does not", async () => {
    const score = () => page.evaluate(async () => (await fetch("/score-lead", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ origem: "indicação", valor: 9000, contato: "2025-06-01" }) })).json());
    expect((await score()).code).toBe("bad_option");
    // The message comes once it is kept.
    await page.getByTestId("leads-usual").click();
    await expect(page.getByText(say("train.leads.usual_made"))).toBeVisible();
    await expect(page.getByTestId("leads-usual")).toHaveAttribute("aria-pressed", "true");
    const answer = await score();
    expect(answer.temperature).toBe("hot");
    expect(answer.reasons.map((one) => one.column)).toContain("origem");
    await page.getByTestId("leads-usual").click();
    await expect(page.getByText(say("train.leads.usual_back"))).toBeVisible();
    await expect(page.getByTestId("leads-usual")).toHaveAttribute("aria-pressed", "false");
    expect((await score()).code).toBe("bad_option");
  });

  await test.step("the table is scored, and comes back with its scores", async () => {
    const coming = page.waitForEvent("download");
    await page.getByTestId("leads-score").click();
    expect((await coming).suggestedFilename()).toMatch(/Leads de 2025.*\.csv$/);
    const scored = page.getByTestId("leads-scored");
    await expect(scored).toContainText("chance, temperatura, motivos");
    await expect(page.getByTestId("leads-counts").locator("li")).toHaveCount(3);
    await expect(scored).toContainText(say("train.leads.seen"));
    await isSound(page);
    await look(page, "leads-scored");
    await page.getByTestId("leads-import").click();
    await expect(page.getByTestId("row-total")).toHaveText("900 linhas");
    await page.setViewportSize({ width: 1920, height: 1080 });
    for (const column of ["chance", "temperatura", "motivos", "quente", "origem: "]) await expect(page.getByTestId("grid")).toContainText(column);
  });

  await test.step("leads of another table are scored by it too", async () => {
    await page.getByTestId("rail-data").click();
    await preview(page, "Leads novos.csv", leads(40));
    await page.getByTestId("import-only").click();
    await expect(page.getByTestId("row-total")).toHaveText("40 linhas");
    await page.keyboard.press("5");
    await expect(result).toContainText(say("train.leads.learned_from").replace("{table}", "Leads de 2025"));
    await expect(page.getByTestId("leads-scored")).toHaveCount(0);
    const coming = page.waitForEvent("download");
    await page.getByTestId("leads-score").click();
    expect((await coming).suggestedFilename()).toMatch(/Leads novos.*\.csv$/);
    await expect(page.getByTestId("leads-scored")).toContainText("40 linhas");
    await expect(page.getByTestId("leads-scored")).not.toContainText(say("train.leads.seen"));
  });

  await test.step("what cannot be learned says why", async () => {
    await page.getByTestId("leads-target").selectOption("lead");
    await page.getByTestId("train-run").click();
    await expect(page.getByTestId("train-error")).toContainText(say("train.leads.say_positive"));
    expect((await ask(page, "jobs", { limit: 5 })).jobs[0].failure.code).toBe("which_positive");
  });
});
