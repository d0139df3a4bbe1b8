import { createDefaultEnvironment, type Environment, shield } from "../environment.ts";
import { createBatch } from "../store/batch.ts";
import { createCell, type Readable } from "../store/readable.ts";
import { createBlockReader } from "./block-reader.ts";

/**
 * Something that happened between a client and its server. Of requests it never holds a header's value or a body, of answers
 * only the content type and what an event stream brought.
 */
export type DebugEntry = {
  /** When (ms since 1970). */
  readonly at: number;
  /** Counts the requests from 1: the one it belongs to. */
  readonly request: number;
} & (
  | {
      readonly type: "request";
      /** In upper case. */
      readonly method: string;
      /** Of the query, the values of `channels`, `lastEventId` and `wait` are shown; others may be secret. */
      readonly url: string;
      /** Names only. */
      readonly headers: readonly string[];
    }
  | { readonly type: "response"; readonly status: number; readonly contentType: string | null }
  | {
      readonly type: "frame";
      /** One block of the stream as it came, comments included; the rest of a very long one is left out. */
      readonly text: string;
      /** False for what had come of a block when the stream ended: the client does not use it. */
      readonly isComplete: boolean;
    }
  /** The stream is over: the server ended it, or the client had enough. */
  | { readonly type: "end"; readonly by: "server" | "client" }
  /** No answer, or the stream broke. The message is left out, as it may repeat the URL. */
  | { readonly type: "error"; readonly name: string; readonly code: string | undefined }
);

/** Options of {@link createDebugLog}. */
export interface DebugLogOptions {
  /** Entries kept, the newest. @default 500 */
  readonly limit?: number | undefined;
  /** Receives every entry at once. What it throws is reported. @default none */
  readonly onEntry?: ((entry: DebugEntry) => void) | undefined;
  /** Clock, frames and the `fetch` that is watched. @default the machine's */
  readonly environment?: Partial<Pick<Environment, "fetch" | "now" | "requestFlush">> | undefined;
}

/** What passes over the wire, for a panel or a bug report. */
export interface DebugLog {
  /** To be given to a client. */
  readonly fetch: typeof globalThis.fetch;
  /** Oldest first; replaced at most once per frame. */
  readonly entries: Readable<readonly DebugEntry[]>;
  /** Forgets all entries. */
  clear(): void;
}

/** What `Omit` leaves of each member of a union. */
type Details<Entry = DebugEntry> = Entry extends unknown ? Omit<Entry, "at" | "request"> : never;

/**
 * Watches what clients send and receive, without changing it. The tools of browsers show nothing of a stream that is read
 * with `fetch`, and no comments of any. Messages are kept as they came: mind who sees the log.
 *
 * @example
 * const log = createDebugLog();
 * const client = createSSEClient({ url: "/events", environment: { fetch: log.fetch } });
 * log.entries.subscribe(() => console.table(log.entries.get()));
 */
export function createDebugLog({ limit = 500, onEntry, environment }: DebugLogOptions = {}): DebugLog {
  const { fetch, now, requestFlush } = { ...createDefaultEnvironment(), ...environment };
  const cell = createCell<readonly DebugEntry[]>([]);
  let entries: DebugEntry[] = [];
  const publish = createBatch(requestFlush)(() => cell.stage([...entries]));
  let requests = 0;

  const createWriter = () => {
    const request = ++requests;
    return (details: Details) => {
      const entry = { at: now(), request, ...details } as DebugEntry;
      entries.push(entry);
      if (entries.length > limit) entries.shift();
      publish();
      shield(() => onEntry?.(entry));
    };
  };
  return {
    entries: cell,
    clear() {
      entries = [];
      publish();
    },
    async fetch(input, init) {
      const write = createWriter();
      write({ type: "request", ...describe(input, init) });
      try {
        const response = await fetch(input, init);
        const contentType = response.headers.get("content-type");
        write({ type: "response", status: response.status, contentType });
        return response.body && /event-stream/i.test(`${contentType}`)
          ? watch(response, response.body, write)
          : response;
      } catch (error) {
        write({ type: "error", ...nameOf(error) });
        throw error;
      }
    },
  };
}

/** The same answer, with a body that is read when the client reads, chunk by chunk. */
function watch(response: Response, body: ReadableStream<Uint8Array>, write: (details: Details) => void): Response {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const blocks = createBlockReader((text) => write({ type: "frame", text, isComplete: true }));
  let isOver = false;
  const finish = (last: Details) => {
    // Cancelling also ends a read that is under way.
    if (isOver) return;
    isOver = true;
    const text = blocks.rest();
    if (text) write({ type: "frame", text, isComplete: false });
    write(last);
  };
  const watched = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            finish({ type: "end", by: "server" });
            return controller.close();
          }
          blocks.take(decoder.decode(value, { stream: true }));
          controller.enqueue(value);
        } catch (error) {
          finish({ type: "error", ...nameOf(error) });
          controller.error(error);
        }
      },
      cancel(reason) {
        finish({ type: "end", by: "client" });
        return reader.cancel(reason);
      },
    },
    // Nothing is read ahead.
    { highWaterMark: 0 },
  );
  const { url, redirected, type } = response;
  return Object.defineProperties(new Response(watched, response), {
    url: { value: url },
    redirected: { value: redirected },
    type: { value: type },
  });
}

function describe(input: RequestInfo | URL, init: RequestInit | undefined) {
  const template = typeof input === "object" && "headers" in input ? input : undefined;
  let headers: string[] = [];
  try {
    headers = [...new Headers(init?.headers ?? template?.headers).keys()];
  } catch {
    // What is no header is refused by fetch itself.
  }
  const method = (init?.method ?? template?.method ?? "GET").toUpperCase();
  return { method, url: redact(template?.url ?? `${input}`), headers };
}

const SHOWN = ["channels", "lastEventId", "last_event_id", "wait"];

/** Leaves out what may be secret: credentials, the fragment, and the values of parameters that are not the protocol's. */
function redact(url: string): string {
  const [address = "", query] = url.replace(/#.*$/s, "").split(/\?(.*)/s);
  const parameters = query?.split("&").map((parameter) => {
    const [name = ""] = parameter.split("=");
    return SHOWN.includes(name) || name === parameter ? parameter : `${name}=…`;
  });
  return address.replace(/\/\/[^/]*@/, "//…@") + (parameters ? `?${parameters.join("&")}` : "");
}

function nameOf(error: unknown) {
  const { name = typeof error, code } = Object(error) as { readonly name?: string; readonly code?: unknown };
  return { name, code: typeof code === "string" ? code : undefined };
}
