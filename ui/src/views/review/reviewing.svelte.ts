/** The judging of what a search found: what is before the person, what was said of it, and the way back. Outlives the view. */
import { failureOf } from "../../backend/backend";
import type { AskQaRequest, AskQaResponse, Failure, JudgeQaRequest, QaDocumentRequest, QaJudgement, QaSpan, QaVerdict } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { latest } from "../../shared/latest";
import { toasts } from "../../shared/toasts.svelte";
import { type Candidate, candidatesOf, filtered, keyOf, nextOpen, topicsOf, type Which } from "./candidates";
import { Documents } from "./documents";
import { another, nearest, trimmed } from "./passage";
import type { Span, Text } from "./places";

/** What was searched, and what was found. */
export interface Searched {
  request: AskQaRequest;
  response: AskQaResponse;
}

/** The right answer while it is looked for: as it is written, and where that stands in the page's count. */
export interface Draft {
  text: string;
  at: Span | null;
}

class Reviewing {
  searched = $state.raw<Searched | null>(null);
  candidates = $state.raw<Candidate[]>([]);
  /** What counts, by candidate; null until it is read. */
  judged = $state.raw<ReadonlyMap<string, QaJudgement> | null>(null);
  topic = $state("");
  which = $state<Which>("all");
  activeKey = $state<string | null>(null);
  /** The document of the candidate before the person; null until it is read. */
  text = $state.raw<Text | null>(null);
  failure = $state.raw<Failure | null>(null);
  draft = $state.raw<Draft | null>(null);
  /** What of the document is selected by hand, as the page counts. */
  selection = $state.raw<Span | null>(null);

  private readonly none: ReadonlyMap<string, QaJudgement> = new Map();
  readonly said = $derived(this.judged ?? this.none);
  readonly list = $derived(filtered(this.candidates, this.said, this.topic, this.which));
  readonly topics = $derived(topicsOf(this.candidates, this.said));
  readonly active = $derived(this.candidates.find((one) => one.key === this.activeKey) ?? null);
  readonly judgement = $derived(this.active === null ? null : (this.said.get(this.active.key) ?? null));
  /** Whether the document was said to have no answer, and another was accepted in it: that one counts. */
  readonly contradicted = $derived(this.active !== null && this.judgement?.verdict === "absent" && this.alike(this.active).some(({ key }) => ["accepted", "corrected"].includes(this.said.get(key)?.verdict ?? "")));
  readonly done = $derived(this.candidates.filter((one) => this.said.has(one.key)).length);
  /** Whether there is something that can be judged now. */
  readonly ready = $derived(this.active !== null && this.text !== null && this.judged !== null);

  /** What each word of this sitting took the place of, the latest last; one word may be about several candidates. */
  private before = $state.raw<{ key: string; was: QaJudgement | null }[][]>([]);
  readonly canUndo = $derived(this.before.length > 0);
  private documents = new Documents();
  /** Judgements reach Mirante one after the other. */
  private sent: Promise<void> = Promise.resolve();
  private readonly show = latest<Text>(
    (text) => Object.assign(this, { text, failure: null }),
    (error) => (this.failure = failureOf(error)),
  );

  /** Takes what a search found, and what was said of its documents before. */
  async open(searched: Searched): Promise<void> {
    this.close();
    this.searched = searched;
    this.candidates = candidatesOf(searched.response);
    await this.readJudged();
  }

  /** Reads what was said, again where that failed. */
  async readJudged(): Promise<void> {
    const { searched } = this;
    if (searched === null) return;
    this.failure = null;
    try {
      const documents = [...new Set(searched.response.documents.map((one) => one.document))];
      const { judgements } = await host.call("qa_judgements", { documents });
      if (this.searched !== searched) return;
      this.judged = new Map(judgements.map((one) => [keyOf(one), one]));
      this.choose(nextOpen(this.candidates, this.judged, "") ?? this.candidates[0]?.key ?? null);
    } catch (error) {
      if (this.searched === searched) this.failure = failureOf(error);
    }
  }

  /** Back to the search. What was judged is kept. */
  close(): void {
    this.show.drop();
    Object.assign(this, { searched: null, candidates: [], judged: null, topic: "", which: "all", activeKey: null, text: null, failure: null, draft: null, selection: null, before: [] });
    this.documents = new Documents();
  }

  /** Puts a candidate before the person, in its document. */
  choose(key: string | null): void {
    const last = this.active?.found.document;
    this.activeKey = key;
    this.draft = null;
    this.selection = null;
    const document = this.active?.found.document;
    if (document === undefined || document !== last) this.text = null;
    this.look();
  }

  /** Reads the document of the candidate before the person, and the one that is likely to be next. */
  look(): void {
    this.show.drop();
    this.failure = null;
    const request = this.documentOf(this.active);
    if (request === null) return;
    this.show(this.documents.read(request));
    const next = this.documentOf(this.candidates.find((one) => one.key === nextOpen(this.candidates, this.said, this.activeKey ?? "")) ?? null);
    // What fails of it is told once it is looked at.
    if (next !== null && next.document !== request.document) this.documents.read(next).catch(() => {});
  }

  /** Shows those of a field and of a state; one of them is put before the person. */
  filter(topic: string, which: Which): void {
    [this.topic, this.which] = [topic, which];
    if (this.list.length === 0 || this.list.some((one) => one.key === this.activeKey)) return;
    this.choose(nextOpen(this.list, this.said, "") ?? this.list[0].key);
  }

  /** Moves along the list that is shown. */
  step(by: number): void {
    const at = this.list.findIndex((one) => one.key === this.activeKey);
    const to = at < 0 ? 0 : Math.min(this.list.length - 1, Math.max(0, at + by));
    const key = this.list[to]?.key;
    if (key !== undefined && key !== this.activeKey) this.choose(key);
  }

  /** Says something of the candidate before the person, and goes on to the next that is not judged; from one that was, nowhere. */
  judge(verdict: QaVerdict, answer?: QaSpan): void {
    const { active, judged } = this;
    if (active === null || judged === null || !this.ready) return;
    // That the document has no answer is said of all that was found in it for the same question.
    const also = verdict === "absent" ? this.alike(active).filter((one) => !judged.has(one.key)) : [];
    const about = [active, ...also];
    this.before = [...this.before, about.map(({ key }) => ({ key, was: judged.get(key) ?? null }))];
    this.say(about, verdict, answer);
    this.draft = null;
    const next = judged.has(active.key) ? null : nextOpen(filtered(this.candidates, this.said, this.topic, "all"), this.said, active.key);
    if (next !== null) this.choose(next);
  }

  /** Takes back the last word of this sitting, and shows what it was about. */
  undo(): void {
    const last = this.before.at(-1);
    if (last === undefined) return;
    this.before = this.before.slice(0, -1);
    const about = last.flatMap(({ key, was }) => this.candidates.filter((one) => one.key === key).map((one) => ({ one, was })));
    const again = about.filter(({ was }) => was !== null);
    const open = about.filter(({ was }) => was === null);
    if (open.length > 0) this.say(open.map(({ one }) => one), "withdrawn");
    for (const { one, was } of again) this.say([one], was?.verdict ?? "withdrawn", was?.answer ?? undefined);
    this.choose(last[0].key);
  }

  /** Begins to look for the right answer: from what is selected, else from the answer that was given, else from the candidate. */
  correct(): void {
    const { active, text, judgement, selection } = this;
    if (active === null || text === null || !this.ready) return;
    const at = selection ?? text.units(judgement?.answer ?? active.found);
    this.draft = { text: text.text.slice(at.start, at.end), at };
  }

  /** Follows what is written: the place nearest to the candidate where it stands. */
  write(written: string): void {
    const { active, text } = this;
    if (active === null || text === null || this.draft === null) return;
    this.draft = { text: written, at: nearest(text.text, written.trim(), text.unit(active.found.start)) };
  }

  /** The next or earlier place where what is written stands. */
  elsewhere(step: 1 | -1): void {
    const { draft, text } = this;
    if (draft?.at && text !== null) this.draft = { ...draft, at: another(text.text, draft.at, step) };
  }

  /** Follows a selection in the document: while the right answer is looked for, that is it. */
  select(span: Span | null): void {
    const { text, draft } = this;
    this.selection = text === null || span === null ? null : trimmed(text.text, span);
    if (this.selection === null || draft === null || text === null) return;
    this.draft = { text: text.text.slice(this.selection.start, this.selection.end), at: this.selection };
  }

  /** Keeps the right answer. One that is the candidate itself accepts it. */
  keep(): void {
    const { draft, text, active } = this;
    if (!draft?.at || text === null || active === null) return;
    const place = text.characters(draft.at);
    if (place.start === active.found.start && place.end === active.found.end) this.judge("accepted");
    else this.judge("corrected", { ...place, text: text.text.slice(draft.at.start, draft.at.end) });
  }

  /** What else was found in a candidate's document for its question. */
  alike({ key, found }: Candidate): Candidate[] {
    return this.candidates.filter((one) => one.key !== key && one.found.document === found.document && one.found.question === found.question);
  }

  private documentOf(candidate: Candidate | null): QaDocumentRequest | null {
    if (candidate === null || this.searched === null) return null;
    const { document, source } = candidate.found;
    return { document, ...this.origin(), ...(source === null ? {} : { source }) };
  }

  /** Where the documents were found. */
  private origin(): Pick<JudgeQaRequest, "zip" | "text"> {
    const { zip, text } = this.searched?.request ?? {};
    return { ...(zip === undefined ? {} : { zip }), ...(text === undefined ? {} : { text }) };
  }

  /** Shows what is said at once and has it kept; what cannot be kept is taken back and told. */
  private say(about: readonly Candidate[], verdict: QaVerdict, answer?: QaSpan): void {
    const { searched, said } = this;
    const was = about.map(({ key }) => [key, said.get(key) ?? null] as const);
    const at = Date.now();
    this.put(about.map(({ key, found }) => [key, verdict === "withdrawn" ? null : { ...found, id: 0, at, name: null, verdict, answer: answer ?? null }]));
    const request: JudgeQaRequest = { ...this.origin(), candidates: about.map((one) => one.found), verdict, ...(answer === undefined ? {} : { answer }) };
    this.sent = this.sent.then(async () => {
      try {
        await host.call("judge_qa", request);
      } catch (error) {
        toasts.fail(error);
        if (this.searched !== searched) return;
        this.put(was);
        const keys = new Set(about.map(({ key }) => key));
        this.before = this.before.map((word) => word.filter((one) => !keys.has(one.key))).filter((word) => word.length > 0);
      }
    });
  }

  private put(changes: readonly (readonly [string, QaJudgement | null])[]): void {
    const judged = new Map(this.said);
    for (const [key, judgement] of changes) {
      if (judgement === null) judged.delete(key);
      else judged.set(key, judgement);
    }
    this.judged = judged;
  }
}

export const reviewing = new Reviewing();
