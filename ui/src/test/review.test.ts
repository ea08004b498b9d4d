import { beforeEach, describe, expect, it, vi } from "vitest";
import type { JobStatus, QaFound, QaJudgement } from "../gen/operations";
import { host } from "../shared/host.svelte";
import { jobs } from "../shared/jobs.svelte";
import { toasts } from "../shared/toasts.svelte";
import { asking, recent, subject } from "../views/review/asking.svelte";
import { candidatesOf, filtered, keyOf, nextOpen, topicsOf } from "../views/review/candidates";
import { AFTER, another, around, BEFORE, nearest, pieces, trimmed, wider } from "../views/review/passage";
import { Text } from "../views/review/places";
import { reviewing } from "../views/review/reviewing.svelte";
import { foundIn, ReviewFixture } from "./reviewfixture";

vi.stubGlobal("document", { hidden: false, hasFocus: () => true });

describe("places", () => {
  it("are counted in characters there and in halves here", () => {
    const text = "a😀b😀😀çd";
    const places = new Text(text);
    let unit = 0;
    for (const [number, character] of [...text].entries()) {
      expect([places.unit(number), places.character(unit)], character).toEqual([unit, number]);
      if (character.length === 2) expect(places.character(unit + 1)).toBe(number);
      unit += character.length;
    }
    expect([places.unit(7), places.character(unit)]).toEqual([unit, 7]);
    expect(places.characters(places.units({ start: 2, end: 6 }))).toEqual({ start: 2, end: 6 });
  });

  it("are the same where no character has halves", () => {
    const places = new Text("São João");
    expect([places.unit(4), places.character(4), places.character(8)]).toEqual([4, 4, 8]);
  });
});

describe("a passage", () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `Linha ${i} do documento`).join("\n");

  it("begins and ends with a line, and holds what it is about", () => {
    const start = lines.indexOf("1500");
    const part = around(lines, { start, end: start + 4 });
    const text = lines.slice(part.start, part.end);
    expect([text.startsWith("Linha"), text.endsWith("\n"), text.includes("1500")]).toEqual([true, true, true]);
    expect(part.end - part.start).toBeLessThan(BEFORE + AFTER + 900);
    const more = wider(lines, wider(lines, part, "before"), "after");
    expect([more.start < part.start, more.end > part.end, lines.slice(more.start).startsWith("Linha")]).toEqual([true, true, true]);
    expect(around(lines, { start: 0, end: 5 }).start).toBe(0);
    expect(wider(lines, { start: 10, end: lines.length }, "after").end).toBe(lines.length);
  });

  it("is never cut within a character", () => {
    const faces = "😀".repeat(20_000);
    const part = around(faces, { start: 20_001 - 1, end: 20_002 });
    expect([part.start % 2, part.end % 2]).toEqual([0, 0]);
  });

  it("is cut where marks begin and end, the answer above the candidate above the others", () => {
    const all = pieces("abcdefgh", { start: 1, end: 8 }, [{ start: 0, end: 4, kind: "other" }, { start: 2, end: 6, kind: "candidate" }, { start: 5, end: 7, kind: "answer" }, { start: 90, end: 95, kind: "other" }]);
    expect(all.map(({ text, kind }) => `${text}:${kind}`)).toEqual(["b:other", "cde:candidate", "fg:answer", "h:null"]);
    expect(pieces("abc", { start: 0, end: 3 }, [])).toEqual([{ text: "abc", kind: null }]);
  });

  it("has a text where it stands nearest, and elsewhere", () => {
    const text = "um dois um três um";
    expect([nearest(text, "um", 9), nearest(text, "um", 0), nearest(text, "quatro", 3), nearest(text, "", 3)].map((one) => one?.start)).toEqual([8, 0, undefined, undefined]);
    expect(nearest("x  um  um", "um", 5)).toEqual({ start: 3, end: 5 });
    const first = { start: 0, end: 2 };
    expect([another(text, first, 1).start, another(text, { start: 16, end: 18 }, 1).start, another(text, first, -1).start]).toEqual([8, 0, 16]);
    expect(trimmed(" a b  ", { start: 0, end: 6 })).toEqual({ start: 1, end: 4 });
    expect(trimmed("   ", { start: 0, end: 2 })).toBeNull();
  });
});

describe("candidates", () => {
  const { response } = foundIn("[um] e [dois]", "[três]");
  const judged = (...keys: string[]) => new Map(keys.map((key) => [key, {} as QaJudgement]));
  const all = candidatesOf(response);
  const keys = all.map((one) => one.key);

  it("are one a place, whoever found it, in the documents' order", () => {
    const model: QaFound = { ...response.found[0], by: "model", score: 0.4 };
    const other: QaFound = { ...response.found[2], document: "a", question: "Quem?", field: null, start: 0 };
    const list = candidatesOf({ ...response, found: [response.found[2], response.found[1], model, response.found[0], other] });
    expect(list.map((one) => one.found.text)).toEqual(["um", "dois", "três", "três"]);
    expect(list[0].by).toEqual([{ by: "model", score: 0.4 }, { by: "rules", score: 0.9 }]);
    expect(list.map((one) => one.found.document)).toEqual(["a", "a", "a", "b"]);
    expect(topicsOf(list, judged(list[0].key))).toEqual([{ name: "valor", question: "Qual?", judged: 1, all: 3 }, { name: "Quem?", question: "Quem?", judged: 0, all: 1 }]);
  });

  it("are filtered by field and by whether they are judged", () => {
    const some = judged(keys[1]);
    const shown = (topic: string, which: "all" | "open" | "judged") => filtered(all, some, topic, which).map((one) => one.found.text);
    expect([shown("", "all"), shown("", "open"), shown("valor", "judged"), shown("cpf", "all")]).toEqual([["um", "dois", "três"], ["um", "três"], ["dois"], []]);
  });

  it("are gone through to the next that is not judged, round the end", () => {
    expect(nextOpen(all, judged(keys[1]), keys[0])).toBe(keys[2]);
    expect(nextOpen(all, judged(keys[2]), keys[1])).toBe(keys[0]);
    expect(nextOpen(all, judged(keys[0], keys[1]), keys[2])).toBeNull();
    expect(nextOpen(all, judged(), "")).toBe(keys[0]);
  });
});

describe("judging", () => {
  let fixture: ReviewFixture;
  const begin = async (...texts: string[]) => {
    const { texts: plain, response } = foundIn(...texts);
    fixture.texts = plain;
    await reviewing.open({ request: { zip: "/dados/a.zip" }, response });
    await vi.waitFor(() => expect(reviewing.text).not.toBeNull());
  };
  const sent = () => fixture.calls.filter((one) => one.operation === "judge_qa").map((one) => one.request as { verdict: string; answer?: unknown });
  const at = () => reviewing.active?.found.text;

  beforeEach(() => {
    fixture = new ReviewFixture();
    host.backend = fixture;
    for (const toast of toasts.list) toasts.dismiss(toast.id);
  });

  it("keeps what is said and goes on to what is left", async () => {
    await begin("valor [10] ou [20]", "[30]");
    expect(at()).toBe("10");
    reviewing.judge("accepted");
    expect([at(), reviewing.done]).toEqual(["20", 1]);
    reviewing.judge("absent");
    expect(reviewing.contradicted).toBe(false);
    await vi.waitFor(() => expect([at(), reviewing.text?.text]).toEqual(["30", "30"]));
    reviewing.judge("rejected");
    expect([at(), reviewing.done]).toEqual(["30", 3]);
    await vi.waitFor(() => expect(sent().map((one) => one.verdict)).toEqual(["accepted", "absent", "rejected"]));
  });

  it("shows what was said before, and begins where that ended", async () => {
    const { response } = foundIn("[10] [20]");
    fixture.kept = [{ ...response.found[0], id: 1, at: 1, name: null, verdict: "accepted", answer: null }];
    await begin("[10] [20]");
    expect([reviewing.done, at()]).toEqual([1, "20"]);
  });

  it("puts one of what is filtered before the person, and keeps what is there where nothing is", async () => {
    await begin("[10] [20] [30]");
    reviewing.judge("accepted");
    reviewing.filter("", "judged");
    expect([at(), reviewing.list.length]).toEqual(["10", 1]);
    reviewing.filter("valor", "open");
    expect(at()).toBe("20");
    reviewing.step(1);
    reviewing.filter("", "all");
    expect(at()).toBe("30");
    reviewing.filter("cpf", "all");
    expect([at(), reviewing.list]).toEqual(["30", []]);
  });

  it("says that a document has no answer of all that is not judged in it, and takes that back in one", async () => {
    await begin("[10] [20] [30]", "[40]");
    reviewing.judge("accepted");
    reviewing.judge("absent");
    expect([at(), reviewing.done]).toEqual(["40", 3]);
    reviewing.step(-1);
    expect([at(), reviewing.judgement?.verdict, reviewing.contradicted]).toEqual(["30", "absent", true]);
    reviewing.undo();
    expect([at(), reviewing.done, reviewing.contradicted]).toEqual(["20", 1, false]);
    await vi.waitFor(() => expect(fixture.kept.map((one) => [one.text, one.verdict])).toEqual([["10", "accepted"], ["20", "withdrawn"], ["30", "withdrawn"]]));
  });

  it("takes back the last word, and the one before it", async () => {
    await begin("[10] [20]");
    reviewing.judge("accepted");
    reviewing.step(-1);
    reviewing.judge("rejected");
    expect(at()).toBe("10");
    reviewing.undo();
    expect([at(), reviewing.judgement?.verdict]).toEqual(["10", "accepted"]);
    reviewing.undo();
    expect([at(), reviewing.judgement, reviewing.canUndo]).toEqual(["10", null, false]);
    await vi.waitFor(() => expect(sent().map((one) => one.verdict)).toEqual(["accepted", "rejected", "accepted", "withdrawn"]));
  });

  it("takes the right answer from a selection, in the document's own count", async () => {
    await begin("😀 valor de [10] reais 😀");
    reviewing.correct();
    expect(reviewing.draft).toEqual({ text: "10", at: { start: 12, end: 14 } });
    reviewing.select({ start: 11, end: 21 });
    expect(reviewing.draft?.text).toBe("10 reais");
    reviewing.keep();
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
    expect(sent()[0]).toMatchObject({ verdict: "corrected", answer: { start: 11, end: 19, text: "10 reais" } });
  });

  it("finds what is written near the candidate, says where it is not, and accepts the candidate itself", async () => {
    await begin("total 7 e [10] e total 9");
    reviewing.correct();
    reviewing.write("total 9");
    expect(reviewing.draft?.at).toEqual({ start: 15, end: 22 });
    reviewing.write("total");
    expect(reviewing.draft?.at?.start).toBe(15);
    reviewing.elsewhere(1);
    expect(reviewing.draft?.at?.start).toBe(0);
    reviewing.write("nada");
    expect(reviewing.draft?.at).toBeNull();
    reviewing.keep();
    expect(reviewing.done).toBe(0);
    reviewing.write("10");
    reviewing.keep();
    expect(reviewing.judgement?.verdict).toBe("accepted");
  });

  it("takes back what cannot be kept, and says so", async () => {
    await begin("[10] [20]");
    fixture.full = true;
    reviewing.judge("accepted");
    expect(reviewing.done).toBe(1);
    await vi.waitFor(() => expect(reviewing.done).toBe(0));
    expect(reviewing.canUndo).toBe(false);
    expect(toasts.list.map((toast) => toast.failure?.code)).toEqual(["disk_full"]);
  });

  it("says when a document is no longer there, judges nothing in it, and goes on elsewhere", async () => {
    const { texts, response } = foundIn("[10]", "[20]");
    fixture.texts = new Map([["b", texts.get("b") ?? ""]]);
    await reviewing.open({ request: { zip: "/dados/a.zip" }, response });
    await vi.waitFor(() => expect(reviewing.failure?.code).toBe("document_changed"));
    reviewing.judge("accepted");
    expect(sent()).toEqual([]);
    reviewing.step(1);
    await vi.waitFor(() => expect([reviewing.failure, reviewing.text?.text]).toEqual([null, "20"]));
  });
});

describe("a search", () => {
  beforeEach(() => {
    host.backend = new ReviewFixture();
    jobs.connect();
    reviewing.close();
    Object.assign(asking, { from: "zip", file: null, text: "", about: "fields", without: new Set(), question: "", model: "", least: 0, fields: ["valor", "cpf"] });
  });

  it("says the one thing that is missing", () => {
    expect(asking.missing).toBe("zip");
    asking.take({ path: "/dados/a.zip", name: "a.zip" });
    expect(asking.missing).toBeNull();
    asking.without = new Set(["valor", "cpf"]);
    expect(asking.missing).toBe("fields");
    asking.about = "question";
    expect(asking.missing).toBe("question");
    asking.question = "Quem?";
    expect(asking.missing).toBe("model");
    asking.model = "dono/respostas";
    expect(asking.request).toMatchObject({ zip: "/dados/a.zip", question: "Quem?", settings: { model: "dono/respostas" } });
    asking.from = "text";
    expect(asking.missing).toBe("text");
  });

  it("asks for all fields as the rules have them, or for some", () => {
    asking.take({ path: "/dados/a.zip", name: "a.zip" });
    expect(asking.request).toEqual({ zip: "/dados/a.zip" });
    asking.without = new Set(["cpf"]);
    asking.least = 80;
    expect(asking.request).toEqual({ zip: "/dados/a.zip", fields: ["valor"], min_score: 0.8 });
  });

  it("puts what it found before the person", async () => {
    const { texts, response } = foundIn("[10]");
    Object.assign(host.backend, { texts, response });
    asking.take({ path: "/dados/a.zip", name: "a.zip" });
    await asking.run();
    expect([reviewing.active?.found.text, asking.busy, asking.job]).toEqual(["10", false, undefined]);
  });

  it("is found again in the history, once each and only where its documents are told", () => {
    const job = (id: number, request: object, response: object | null) => ({ id, operation: "ask_qa", state: "done", created_at: id, request, response }) as JobStatus;
    const { response } = foundIn("[10]");
    const { documents: _, ...old } = response;
    const list = [job(4, { zip: "/x/b.zip" }, response), job(3, { zip: "/x/a.zip" }, response), job(2, { zip: "/x/b.zip" }, response), job(1, { zip: "/x/c.zip" }, old), job(0, { zip: "/x/d.zip" }, null)];
    expect(recent(list).map((one) => one.id)).toEqual([4, 3]);
    expect([subject({ zip: "/x/b.zip" }), subject({ text: "  um\n texto " })]).toEqual(["b.zip", "um texto"]);
  });

  it("is known by document, question and place", () => {
    const [one] = foundIn("[10]").response.found;
    expect(keyOf(one)).not.toBe(keyOf({ ...one, question: "Outra?" }));
  });
});
