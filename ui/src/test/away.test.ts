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

  it("leaves out what is paused, which holds nothing open", () => {
    const words = awayWords([job({ state: "paused" })]);
    expect([words.work, words.quit]).toEqual(["Nothing running", "Quit"]);
    expect(awayWords([job({})]).quit).toBe("Stop the work and quit");
  });

  it("is in the person's language", () => {
    locale.language = "pt-BR";
    expect(awayWords([job({})])).toMatchObject({ open: "Abrir o Mirante", quit: "Parar o trabalho e sair" });
  });
});
