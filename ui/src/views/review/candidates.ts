/** What was found, as a list to be judged: each place once, whoever found it; in the documents' order. */
import type { AskQaResponse, QaFound, QaJudgement, QaVerdict } from "../../gen/operations";

/** A place in a document that may answer a question. */
export interface Candidate {
  /** Document, question and place: what is judged once. */
  key: string;
  /** As it was told first. */
  found: QaFound;
  /** Everyone who found it, with a score each. */
  by: Pick<QaFound, "by" | "score">[];
}

export type Which = "all" | "open" | "judged";

/** What the candidate of a judgement or of a search is known by. */
export function keyOf({ document, question, start, end }: Pick<QaFound, "document" | "question" | "start" | "end">): string {
  return `${document} ${start} ${end} ${question}`;
}

/** The candidates by document, then by question as they were asked, then by place. */
export function candidatesOf({ documents, found }: Pick<AskQaResponse, "documents" | "found">): Candidate[] {
  const all = new Map<string, Candidate>();
  const questions = new Map<string, number>();
  for (const one of found) {
    if (!questions.has(one.question)) questions.set(one.question, questions.size);
    const key = keyOf(one);
    const known = all.get(key);
    if (known === undefined) all.set(key, { key, found: one, by: [{ by: one.by, score: one.score }] });
    else if (known.by.every((other) => other.by !== one.by)) known.by.push({ by: one.by, score: one.score });
  }
  const order = new Map(documents.map((one, place) => [one.document, place] as const).reverse());
  const place = ({ found: one }: Candidate) => [order.get(one.document) ?? 0, questions.get(one.question) ?? 0, one.start, one.end];
  return [...all.values()].sort((a, b) => {
    const [left, right] = [place(a), place(b)];
    const differs = left.findIndex((value, i) => value !== right[i]);
    return differs < 0 ? 0 : left[differs] - right[differs];
  });
}

/** What a candidate is asked about: its field, or the question where it has none. */
export function topicOf({ field, question }: Pick<QaFound, "field" | "question">): string {
  return field ?? question;
}

export interface Topic {
  name: string;
  question: string;
  judged: number;
  all: number;
}

/** Every field, or question, with how far it is judged. */
export function topicsOf(candidates: readonly Candidate[], judged: ReadonlyMap<string, QaJudgement>): Topic[] {
  const topics = new Map<string, Topic>();
  for (const { key, found } of candidates) {
    const name = topicOf(found);
    const topic = topics.get(name) ?? { name, question: found.question, judged: 0, all: 0 };
    topics.set(name, { ...topic, judged: topic.judged + (judged.has(key) ? 1 : 0), all: topic.all + 1 });
  }
  return [...topics.values()];
}

/** Those of a field and of a state. */
export function filtered(candidates: readonly Candidate[], judged: ReadonlyMap<string, QaJudgement>, topic: string, which: Which): Candidate[] {
  return candidates.filter(({ key, found }) => (topic === "" || topicOf(found) === topic) && (which === "all" || judged.has(key) === (which === "judged")));
}

/** The next one after `key` that is not judged, round the list's end; null where all are. */
export function nextOpen(candidates: readonly Candidate[], judged: ReadonlyMap<string, QaJudgement>, key: string): string | null {
  const from = candidates.findIndex((one) => one.key === key) + 1;
  const rest = [...candidates.slice(from), ...candidates.slice(0, Math.max(0, from - 1))];
  return rest.find((one) => !judged.has(one.key))?.key ?? null;
}

/** The verdicts that a person can give, in the order of their buttons, with their keys. */
export const VERDICTS: readonly { verdict: QaVerdict; key: string }[] = [
  { verdict: "accepted", key: "a" },
  { verdict: "corrected", key: "c" },
  { verdict: "rejected", key: "r" },
  { verdict: "absent", key: "n" },
];
