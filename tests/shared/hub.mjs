/** A small server that speaks the hub's routes for one repository, `ana/frases`. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const REVISION = "0123456789abcdef0123456789abcdef01234567";

export class Hub {
  /** Milliseconds before each piece of the weights is sent. */
  pause = 0;
  #server = createServer((request, response) => void this.#answer(request, response));
  #files = new Map();

  constructor(folder) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      this.#files.set(path.slice(folder.length + 1), readFileSync(path));
    }
  }

  async start() {
    await new Promise((ready) => this.#server.listen(0, "127.0.0.1", ready));
    this.address = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request, response) {
    if (request.url === "/api/models/ana/frases/revision/main?blobs=true") {
      const siblings = [...this.#files].map(([rfilename, bytes]) => {
        const git = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
        const lfs = rfilename.endsWith(".safetensors") ? { sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length } : undefined;
        return { rfilename, size: bytes.length, blobId: git, lfs };
      });
      return response.end(JSON.stringify({ id: "ana/frases", sha: REVISION, siblings }));
    }
    const bytes = this.#files.get(request.url.slice(`/ana/frases/resolve/${REVISION}/`.length));
    if (bytes === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-length": bytes.length });
    const piece = Math.ceil(bytes.length / 20);
    for (let at = 0; at < bytes.length && !response.destroyed; at += piece) {
      if (this.pause > 0 && request.url.endsWith("/model.safetensors")) await new Promise((done) => setTimeout(done, this.pause));
      response.write(bytes.subarray(at, at + piece));
    }
    response.end();
  }
}
