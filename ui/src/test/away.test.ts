import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awayWords } from "../app/away";
import type { JobStatus } from "../gen/operations";
import { locale } from "../shared/i18n.svelte";

function job(more: Partial<JobStatus>): JobStatus {
  return { id: 1, operation: "segment", state: "running", step: null, step_number: 1, done: 42, total: 100, rate: null, seconds_left: null, created_at: 0, started_at: 0, finished_at: null, request: {}, response: null, failure: null, text: null, log: [], ...more };
}

beforeEach(() => (locale.language = "en"));
afterEach(() => (locale.language = "en"));

describe("what is said with the window closed", () => {
  it("is the first job that runs, how far it is, and how many more", () => {
    expect(awayWords([job({})]).work).toBe("Segmentation · 42%");
    expect(awayWords([job({ total: null, seconds_left: 30.4 })]).work).toBe("Segmentation · 0:30 left");
    // Of a long time the minutes are said, or the menu would change each second.
    expect(awayWords([job({ seconds_left: 301 })]).work).toBe("Segmentation · 42% · 6:00 left");
    expect(awayWords([job({}), job({ id: 2 })]).work).toBe("Segmentation · 42% (+1)");
  });

  it("is the oldest of those that run, and what is paused or waits where none does", () => {
    const [waits, runs, late] = [job({ id: 9, state: "queued" }), job({ id: 3, operation: "import" }), job({ id: 5 })];
    expect(awayWords([waits, late, runs]).work).toBe("Import · 42% (+2)");
    expect(awayWords([waits, job({ id: 4, state: "paused" })]).work).toBe("Segmentation · paused (+1)");
    expect(awayWords([waits]).work).toBe("Segmentation · queued");
  });

  it("says what quitting stops, if anything", () => {
    expect([awayWords([]).work, awayWords([]).quit]).toEqual(["Nothing running", "Quit"]);
    expect(awayWords([job({ state: "paused" })]).quit).toBe("Stop the work and quit");
  });

  it("is in the person's language", () => {
    locale.language = "pt-BR";
    expect(awayWords([job({})])).toMatchObject({ open: "Abrir o Mirante", quit: "Parar o trabalho e sair" });
  });
});
