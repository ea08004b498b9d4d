/** `mirante serve` on a home of its own, for one test. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { program } from "./place.mjs";

const TOKEN = "journey-token-0123456789";

export class Server {
  /** What the program finds in its environment besides the rest. */
  env = {};
  home = mkdtempSync(join(tmpdir(), "mirante-home-"));
  port = 0;
  link = "";
  #child = null;

  /** Starts, or starts again on the same port, and waits for the opening link. */
  async start() {
    const stderr = openSync(join(this.home, "stderr.txt"), "a");
    const child = spawn(program("mirante"), ["--home", this.home, "serve", "--port", String(this.port), "--token", TOKEN], { stdio: ["ignore", "pipe", stderr], env: { ...process.env, ...this.env } });
    this.#child = child;
    const lines = createInterface(child.stdout);
    const ended = once(child, "exit").then(([code, signal]) => {
      throw new Error(`mirante serve ended before it said where (${code ?? signal}); see ${this.home}/stderr.txt`);
    });
    ended.catch(() => {});
    const [line] = await Promise.race([once(lines, "line"), ended]);
    this.link = line.trim().split(/\s+/).pop();
    this.port = Number(new URL(this.link).port);
    return this;
  }

  /** Ends the program at once, as a crash would. */
  async kill() {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async close() {
    await this.kill();
    rmSync(this.home, { recursive: true, force: true });
  }
}
