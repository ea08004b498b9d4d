/** The window's transport. The only file that may import from @tauri-apps. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import type { JobStatus } from "../gen/operations";
import { type Backend, type DropEvent, failureOf, fileName, MiranteError } from "./backend";

async function ask<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    throw new MiranteError(failureOf(error));
  }
}

/** Runs a listener's registration now and its removal whenever asked, even before it is done. */
function subscription(registered: Promise<() => void>): () => void {
  return () => void registered.then((stop) => stop());
}

export function tauriBackend(): Backend {
  return {
    host: "window",
    call: (operation, request) => ask("call", { operation, request }),
    bytes: (operation, request) => ask<ArrayBuffer>("call_bytes", { operation, request }),
    start: (operation, request) => ask<JobStatus>("call", { operation, request }),
    onJob(job, online) {
      const registered = listen<JobStatus>("job", (event) => job(event.payload));
      void registered.then(() => online(true));
      return subscription(registered);
    },
    async pickFile(_progress, kind = "table") {
      const path = await ask<string | null>("choose_open", { kind });
      return path === null ? null : { path, name: fileName(path) };
    },
    pickFolder: () => ask<string | null>("choose_folder"),
    dropped(listener: (event: DropEvent) => void) {
      return subscription(
        getCurrentWebview().onDragDropEvent(({ payload }) => {
          if (payload.type === "enter" || payload.type === "over") return listener({ kind: "over" });
          if (payload.type === "leave") return listener({ kind: "leave" });
          const path = payload.paths[0];
          listener({ kind: "leave" });
          if (path !== undefined) listener({ kind: "file", file: { path, name: fileName(path) } });
        }),
      );
    },
    async destination(name) {
      const path = await ask<string | null>("choose_save", { name });
      return path === null ? null : { path };
    },
    deliver() {},
    async startup() {
      return (await ask<{ open: string | null }>("startup")).open;
    },
    opened: (listener) => subscription(listen("open", () => listener())),
    away(words) {
      void ask("away_words", { words }).catch(() => {});
    },
    quit() {
      void ask("quit").catch(() => {});
    },
    notice(title, body) {
      void ask("notice", { title, body }).catch(() => {});
    },
  };
}
