/** The browser's transport: same-origin HTTP, with a session cookie set by the opening link. */
import type { Failure, JobStatus } from "../gen/operations";
import { type Backend, type DropEvent, type FileKind, isFailure, MiranteError, type PickedFile } from "./backend";

/** What each kind of file ends in. */
const ACCEPTED: Record<FileKind, string> = {
  table: ".csv,.tsv,.txt,.tab,.psv,.json,.jsonl,.ndjson,.parquet,.xlsx",
  zip: ".zip",
  examples: ".json,.jsonl,.ndjson,.conll,.conllu,.bio,.iob,.txt,.tsv",
};

const GONE: Failure = { code: "server_gone", fields: {} };

async function send(operation: string, request: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/${operation}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
  } catch {
    throw new MiranteError(GONE);
  }
  if (!response.ok) throw new MiranteError(await readFailure(response));
  return response;
}

async function readFailure(response: Response): Promise<Failure> {
  const body = await response.text().catch(() => "");
  return parseFailure(body, response.status);
}

function parseFailure(body: string, status: number): Failure {
  try {
    const value: unknown = JSON.parse(body);
    if (isFailure(value)) return { code: value.code, fields: value.fields ?? {} };
  } catch {
    // Not ours: said below with what is known.
  }
  // A proxy answers 502 to 504 in place of a server that is not there.
  if (status >= 502 && status <= 504) return GONE;
  return { code: "internal", fields: { reason: `HTTP ${status} ${body.slice(0, 200)}`.trim() } };
}

/** Sends a file; fetch cannot tell upload progress, XMLHttpRequest can. */
function upload(file: File, progress: (part: number) => void): Promise<PickedFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/upload?name=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total);
    };
    request.onerror = () => reject(new MiranteError(GONE));
    request.onload = () => {
      if (request.status >= 300) return reject(new MiranteError(parseFailure(request.responseText, request.status)));
      const { path } = JSON.parse(request.responseText) as { path: string };
      resolve({ path, name: file.name });
    };
    request.send(file);
  });
}

/** Opens the browser's file chooser. The element stays out of sight; it must be in the page for tests and Safari. */
function chooseFile(kind: FileKind): Promise<File | null> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = ACCEPTED[kind];
    input.hidden = true;
    input.dataset.testid = "file-input";
    const finish = (file: File | null) => {
      input.remove();
      resolve(file);
    };
    input.addEventListener("change", () => finish(input.files?.[0] ?? null));
    input.addEventListener("cancel", () => finish(null));
    document.body.append(input);
    input.click();
  });
}

function watchDrops(listener: (event: DropEvent) => void): () => void {
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  const over = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    listener({ kind: "over" });
  };
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) listener({ kind: "leave" });
  };
  const drop = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    listener({ kind: "leave" });
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    upload(file, (part) => listener({ kind: "upload", name: file.name, part })).then(
      (picked) => listener({ kind: "file", file: picked }),
      (error: unknown) =>
        listener({ kind: "failed", failure: error instanceof MiranteError ? error.failure : GONE }),
    );
  };
  window.addEventListener("dragover", over);
  window.addEventListener("dragleave", leave);
  window.addEventListener("drop", drop);
  return () => {
    window.removeEventListener("dragover", over);
    window.removeEventListener("dragleave", leave);
    window.removeEventListener("drop", drop);
  };
}

export function webBackend(): Backend {
  return {
    host: "browser",
    call: async (operation, request) => (await send(operation, request)).json(),
    bytes: async (operation, request) => (await send(operation, request)).arrayBuffer(),
    start: async (operation, request) => (await send(operation, request)).json() as Promise<JobStatus>,
    onJob(job, online) {
      let events: EventSource;
      let again: ReturnType<typeof setTimeout> | undefined;
      const open = () => {
        events = new EventSource("/api/events");
        events.addEventListener("job", (event) => job(JSON.parse((event as MessageEvent<string>).data) as JobStatus));
        events.onopen = () => online(true);
        events.onerror = () => {
          online(false);
          // A stream that was refused stays closed unless it is opened anew.
          if (events.readyState === EventSource.CLOSED) again = setTimeout(open, 3000);
        };
      };
      open();
      return () => {
        clearTimeout(again);
        events.close();
      };
    },
    async pickFile(progress, kind = "table") {
      const file = await chooseFile(kind);
      return file === null ? null : upload(file, (part) => progress(file.name, part));
    },
    dropped: watchDrops,
    destination: async () => ({}),
    deliver(path) {
      const link = document.createElement("a");
      link.href = `/api/download?path=${encodeURIComponent(path)}`;
      link.download = "";
      link.click();
    },
    startup: async () => null,
    opened: () => () => {},
    notice(title, body) {
      if (!("Notification" in window) || Notification.permission !== "granted") return;
      const notice = new Notification(title, { body });
      notice.onclick = () => {
        window.focus();
        notice.close();
      };
    },
  };
}
