/** What the screen asks of its host. Two hosts exist: the window and the browser. */
import type { Failure, JobStatus, Operations } from "../gen/operations";

type Named<A extends string> = {
  [K in keyof Operations]: Operations[K]["answer"] extends A ? K : never;
}[keyof Operations];

/** Operations that answer at once; private ones in the window alone. */
export type Query = Named<"query" | "private">;
/** Operations that answer with raw bytes. */
export type Bytes = Named<"bytes">;
/** Operations that run as jobs. */
export type Job = Named<"job">;

/** A file the person pointed at, by the path that requests name it with. */
export interface PickedFile {
  path: string;
  name: string;
}

/** What a file is chosen for. */
export type FileKind = "table" | "zip" | "examples";

/** A drop as it happens: something hovers, hovers no more, or fell (upload progress from 0 to 1). */
export type DropEvent =
  | { kind: "over" }
  | { kind: "leave" }
  | { kind: "upload"; name: string; part: number }
  | { kind: "file"; file: PickedFile }
  | { kind: "failed"; failure: Failure };

/** One interface, two transports. Every rejection is a `MiranteError`. */
export interface Backend {
  readonly host: "window" | "browser";
  call<K extends Query>(operation: K, request: Operations[K]["request"]): Promise<Operations[K]["response"]>;
  bytes<K extends Bytes>(operation: K, request: Operations[K]["request"]): Promise<ArrayBuffer>;
  start<K extends Job>(operation: K, request: Operations[K]["request"]): Promise<JobStatus>;
  /** Calls back at each change of a job; `online` tells whether the stream of changes is open. */
  onJob(job: (status: JobStatus) => void, online: (open: boolean) => void): () => void;
  /** Lets the person choose a file, a table unless said; null when they think better of it. */
  pickFile(progress: (name: string, part: number) => void, kind?: FileKind): Promise<PickedFile | null>;
  /** Lets the person choose a folder; absent where only its path can be written. */
  pickFolder?(): Promise<string | null>;
  /** Watches the whole window for files that are dropped on it. */
  dropped(listener: (event: DropEvent) => void): () => void;
  /** Asks where a file goes. No path: the host keeps it and `deliver` hands it over. Null: cancelled. */
  destination(name: string): Promise<{ path?: string } | null>;
  /** Hands over a file that an export wrote, where the host needs that. */
  deliver(path: string): void;
  /** A file to open at once, named when Mirante was started; told once. */
  startup(): Promise<string | null>;
  /** Calls back when `startup` has something to tell again: the person opened a file with Mirante while it was open already. */
  opened(listener: () => void): () => void;
  /** Tells the person something while they look elsewhere. */
  notice(title: string, body: string): void;
  /** What the window's host says while the window is closed; absent where closing the page is all there is. */
  away?(words: AwayWords): void;
  /** Ends the program and what runs; absent where the page cannot. */
  quit?(): void;
}

/** Said by the tray and a notice while the window is closed and work goes on. */
export interface AwayWords {
  open: string;
  quit: string;
  /** What runs and how far it is. */
  work: string;
  stays: string;
  stays_how: string;
}

/** A failed operation: a code the locale files hold a sentence for, and its values. */
export class MiranteError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.code);
  }
}

/** Makes a failure of whatever was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof MiranteError) return error.failure;
  if (isFailure(error)) return error;
  return { code: "internal", fields: { reason: error instanceof Error ? error.message : String(error) } };
}

/** Whether a value has the shape of a failure. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && typeof (value as Failure).code === "string";
}

/** The last part of a path, whichever way its slashes lean. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).pop() ?? path;
}

/** Picks the host that this page runs in. */
export async function connect(): Promise<Backend> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriBackend();
  return (await import("./web")).webBackend();
}
