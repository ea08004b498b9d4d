import { beforeEach, describe, expect, it } from "vitest";
import type { Dataset } from "../gen/operations";
import { locale } from "../shared/i18n.svelte";
import { leadsLine } from "../views/train/command";
import { guessedTarget, scoring } from "../views/train/leads/scoring.svelte";

const named = (...names: string[]) => names.map((name) => ({ name }));
const table = (id: number, ...names: string[]) => ({ id, columns: named(...names) }) as unknown as Dataset;

beforeEach(() => {
  scoring.open(null);
  locale.language = "pt-BR";
});

describe("the column that tells which leads converted", () => {
  it("is known by its name, or by the first word of it", () => {
    for (const name of ["converted", "Converteu?", "is_converted", "Conversão", "comprou", "fechou_contrato", "won"]) expect(guessedTarget(named("id", "origem", name)), name).toBe(name);
    expect(guessedTarget(named("ganho_previsto", "converteu"))).toBe("converteu");
  });

  it("is not one that only begins like it", () => {
    expect(guessedTarget(named("vendedor", "comprador", "deal_id", "contrato"))).toBe("");
  });
});

describe("what is asked of a table of leads", () => {
  it("leaves to Mirante what the person did not say", () => {
    const leads = table(3, "origem", "converteu");
    scoring.open(leads);
    expect(scoring.request(leads)).toEqual({ source: { dataset: 3 }, target: "converteu", language: "pt-BR" });
    Object.assign(scoring, { positive: " Sim ", ignore: ["origem"], hot: 40, warm: 12.5 });
    expect(scoring.request(leads)).toEqual({ source: { dataset: 3 }, target: "converteu", positive: "Sim", ignore: ["origem"], hot: 0.4, warm: 0.125, language: "pt-BR" });
  });

  it("forgets with another column what stood in the one before", () => {
    scoring.open(table(3, "origem", "converteu"));
    scoring.positive = "Sim";
    scoring.target = "origem";
    expect(scoring.positive).toBe("");
    scoring.open(table(4, "a"));
    expect(scoring.request(table(4, "a"))).toBeNull();
  });

  it("is what the command line takes", () => {
    const tables = [{ id: 3, path: "/dados/meus leads.csv", options: {} }] as unknown as Dataset[];
    const request = { source: { dataset: 3 }, target: "converteu", positive: "Sim", ignore: ["a", "b"], hot: 0.4 } as Parameters<typeof leadsLine>[0];
    expect(leadsLine(request, tables)).toBe("mirante leads train --csv '/dados/meus leads.csv' --target converteu --positive Sim --ignore a --ignore b --hot 0.4");
    expect(leadsLine({ ...request, source: { dataset: 9 } }, tables)).toBeNull();
  });
});
