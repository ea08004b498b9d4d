/** The texts of documents, read when one is looked at and kept while it may be again. */
import type { QaDocumentRequest } from "../../gen/operations";
import { host } from "../../shared/host.svelte";
import { Text } from "./places";

/** As many as a person goes back and forth between. */
const KEPT = 8;

export class Documents {
  private texts = new Map<string, Promise<Text>>();

  /** A document's text. One that could not be read is asked for again the next time. */
  read(request: QaDocumentRequest): Promise<Text> {
    const { document } = request;
    const known = this.texts.get(document);
    const text = known ?? this.fetch(request);
    // The one that was looked at last is given up last.
    this.texts.delete(document);
    this.texts.set(document, text);
    for (const oldest of [...this.texts.keys()].slice(0, -KEPT)) this.texts.delete(oldest);
    return text;
  }

  private async fetch(request: QaDocumentRequest): Promise<Text> {
    try {
      return new Text((await host.call("qa_document", request)).text);
    } catch (error) {
      this.texts.delete(request.document);
      throw error;
    }
  }
}
