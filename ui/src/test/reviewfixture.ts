/** A backend whose documents are lines of text, for the judging of what was found in them. Never part of a build. */
import { MiranteError } from "../backend/backend";
import type { AskQaResponse, JobStatus, JudgeQaRequest, Operations, QaFound, QaJudgement } from "../gen/operations";
import { Fixture } from "./fixture";

/** What a search found: the words between brackets, in documents `a`, `b`, … */
export function foundIn(...texts: string[]): { texts: Map<string, string>; response: AskQaResponse } {
  const [plain, found] = [new Map<string, string>(), [] as QaFound[]];
  texts.forEach((marked, i) => {
    const document = String.fromCharCode(97 + i);
    let text = "";
    for (const [, before, word] of marked.matchAll(/([^[]*)(?:\[([^\]]*)\])?/g)) {
      text += before;
      if (word === undefined) continue;
      const start = [...text].length;
      text += word;
      found.push({ source: `${document}.html`, document, field: "valor", question: "Qual?", text: word, start, end: start + [...word].length, context: word, score: 0.9, by: "rules" });
    }
    plain.set(document, text);
  });
  const documents = [...plain].map(([document, text]) => ({ source: `${document}.html`, document, characters: [...text].length }));
  return { texts: plain, response: { documents, found, refused: [], model: null, ran_on: null } };
}

export class ReviewFixture extends Fixture {
  texts = new Map<string, string>();
  response: AskQaResponse | null = null;
  kept: QaJudgement[] = [];
  /** Whether the next judgement cannot be kept. */
  full = false;

  override async call<K extends keyof Operations>(operation: K, asked: Operations[K]["request"]): Promise<Operations[K]["response"]> {
    const told = this.told(operation, JSON.parse(JSON.stringify(asked)));
    if (told === undefined) return super.call(operation, asked);
    this.calls.push({ operation, request: asked });
    return structuredClone(told) as Operations[K]["response"];
  }

  private told(operation: string, asked: unknown): unknown {
    switch (operation) {
      case "qa_document": {
        const text = this.texts.get((asked as { document: string }).document);
        if (text === undefined) throw new MiranteError({ code: "document_changed", fields: { path: "a.zip", document: "?" } });
        return { text };
      }
      case "qa_judgements":
        return { judgements: this.kept.filter((one) => one.verdict !== "withdrawn") };
      case "judge_qa": {
        if (this.full) throw new MiranteError({ code: "disk_full", fields: { path: "/casa" } });
        const { candidates, verdict, answer } = asked as JudgeQaRequest;
        const judgements = candidates.map((one) => ({ ...one, id: 1, at: 1, name: "a.zip", verdict, answer: answer ?? null }));
        const isNew = (one: QaJudgement) => judgements.every((other) => other.document !== one.document || other.start !== one.start);
        this.kept = [...this.kept.filter(isNew), ...judgements];
        return { judgements };
      }
      default:
        return undefined;
    }
  }

  protected override result(job: JobStatus): unknown {
    return job.operation === "ask_qa" ? this.response : super.result(job);
  }
}
