import type { StreamOptions } from "../stream-options.ts";

/** What a test client talks to: a hub, or whatever answers requests the way a hub or a Fetch handler does. */
export interface TestTarget {
  fetch(request: Request, options?: StreamOptions): Response | Promise<Response>;
}

/** What every request of a client has in common. */
export interface TestRequestOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: StreamOptions | undefined;
}

/** One request. */
export interface TestAsk {
  readonly method: "GET" | "POST";
  readonly accept: string;
  readonly channels?: readonly string[] | undefined;
  readonly lastEventId?: string | undefined;
  readonly noWait?: boolean | undefined;
  readonly body?: object;
}

/** An answer that is no stream. */
export interface TestReply {
  readonly status: number;
  readonly text: string;
  /** The text read as JSON; without fields where it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** The requests of one client. */
export interface TestRequests {
  /** Rejects when the link is dropped before the answer. */
  send(ask: TestAsk, options: TestRequestOptions): Promise<{ readonly response: Response; abort(): void }>;
  /** Sends it and reads the whole answer. */
  ask(ask: TestAsk, options: TestRequestOptions): Promise<TestReply>;
  /** Breaks off whatever is not answered; tells whether there was anything. */
  abortAll(): boolean;
}

/** Creates what sends them. */
export function createTestRequests(target: TestTarget): TestRequests {
  const unanswered = new Set<AbortController>();

  const send: TestRequests["send"] = async (ask, options) => {
    const controller = new AbortController();
    unanswered.add(controller);
    try {
      const request = toRequest(ask, options, controller.signal);
      // Other targets than a hub may take something else in this place.
      const answer = options.stream ? target.fetch(request, options.stream) : target.fetch(request);
      const response = await Promise.race([answer, whenDropped(controller.signal)]);
      return { response, abort: () => controller.abort() };
    } finally {
      unanswered.delete(controller);
    }
  };

  return {
    send,
    async ask(ask, options) {
      const { response } = await send(ask, options);
      const text = await response.text();
      return { status: response.status, text, json: readObject(text) };
    },
    abortAll() {
      const found = unanswered.size > 0;
      for (const controller of unanswered) controller.abort();
      return found;
    },
  };
}

/** Rejects then; not every handler looks at the signal. */
function whenDropped(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const drop = () => reject(new Error("The link was dropped before there was an answer."));
    signal.addEventListener("abort", drop, { once: true });
  });
}

function toRequest(ask: TestAsk, options: TestRequestOptions, signal: AbortSignal): Request {
  const url = new URL(options.url, "http://localhost");
  if (ask.channels) url.searchParams.set("channels", ask.channels.join(","));
  if (ask.noWait) url.searchParams.set("wait", "0");
  const headers = new Headers({ ...options.headers, accept: ask.accept });
  // Characters of a header are bytes, and an id is UTF-8.
  if (ask.lastEventId !== undefined)
    headers.set("last-event-id", String.fromCharCode(...new TextEncoder().encode(ask.lastEventId)));
  const body = ask.body === undefined ? {} : { body: JSON.stringify(ask.body) };
  return new Request(url, { method: ask.method, headers, signal, ...body });
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
