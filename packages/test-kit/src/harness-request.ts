/** How {@link HarnessRequest.respond} answers. */
export interface HarnessResponse {
  /**
   * 204, 205 and 304 have no body, so the exchange ends with them.
   * @default 200
   */
  status?: number;
  headers?: HeadersInit;
  /**
   * `null` sends none. Has no effect when `headers` has a content type.
   * @default "text/event-stream"
   */
  contentType?: string | null;
  /**
   * `response.url`, to look like a followed redirect.
   * @default the URL of the request
   */
  url?: string;
}

/**
 * One request seen by the harness, and the test's hand on its answer. Once the client has aborted or cancelled, the
 * controls do nothing, as nothing a server sends could arrive.
 */
export interface HarnessRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: BodyInit | null;
  /** The caller's signal, or one that never aborts. */
  readonly signal: AbortSignal;
  /** The caller's signal aborted before the exchange was over. */
  readonly aborted: boolean;
  /** The caller cancelled the response body before it was over. */
  readonly bodyCancelled: boolean;
  /** Answers with a head and an open body. */
  respond(response?: HarnessResponse): void;
  /** Sends one chunk of body, exactly as given; an empty one too. */
  push(chunk: string | Uint8Array): void;
  /** Ends the body cleanly, after the chunks pushed so far. */
  end(): void;
  /**
   * Breaks the body, after the chunks pushed so far.
   * @param error - Default: the `TypeError` of a lost connection.
   */
  breakBody(error?: unknown): void;
  /**
   * Fails before any head.
   * @param error - Default: the `TypeError` of an unreachable server.
   */
  fail(error?: unknown): void;
}

type Phase = "waiting" | "open" | "over" | "abandoned";

const statusesWithoutBody = [204, 205, 304];
const encoder = new TextEncoder();

const urlOf = (input: RequestInfo | URL): string =>
  typeof input === "string" ? input : input instanceof URL ? input.href : input.url;

/**
 * Starts a request as `fetch` does; throws where `fetch` rejects before any network.
 *
 * @param onOpenChange - Called with 1 when a body opens and with −1 when it is over.
 */
export function createHarnessRequest(
  input: RequestInfo | URL,
  init: RequestInit,
  onOpenChange: (change: 1 | -1) => void,
): { request: HarnessRequest; response: Promise<Response> } {
  const template = input instanceof Request ? input : undefined;
  const url = urlOf(input);
  const method = (init.method ?? template?.method ?? "GET").toUpperCase();
  const headers = new Headers(init.headers ?? template?.headers);
  const body = init.body ?? template?.body ?? null;
  const signal = init.signal ?? template?.signal ?? new AbortController().signal;
  if (body !== null && (method === "GET" || method === "HEAD")) throw new TypeError(`${method} cannot have a body`);
  signal.throwIfAborted();

  let resolve!: (response: Response) => void;
  let reject!: (reason: unknown) => void;
  const answer = new Promise<Response>((onResponse, onFailure) => {
    resolve = onResponse;
    reject = onFailure;
  });
  // A step hands the next chunk, the end or the break to the body when the reader asks, so none overtakes another.
  const steps: ((controller: ReadableStreamDefaultController<Uint8Array>) => void)[] = [];
  let wake = (): void => {};
  let stream: ReadableStreamDefaultController<Uint8Array> | null = null;
  let phase: Phase = "waiting";
  let aborted = false;
  let bodyCancelled = false;

  const leave = (next: "over" | "abandoned"): void => {
    if (phase === "open") onOpenChange(-1);
    phase = next;
    if (next === "abandoned") steps.length = 0;
  };
  // Listens until the reader has all of the body: an abort reaches bytes that arrived but were not read.
  const stopListening = (): void => signal.removeEventListener("abort", onAbort);
  const onAbort = (): void => {
    stopListening();
    aborted = true;
    leave("abandoned");
    reject(signal.reason);
    stream?.error(signal.reason);
    wake();
  };
  signal.addEventListener("abort", onAbort);

  const openBody = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
    new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start(controller) {
          stream = controller;
        },
        async pull(controller) {
          if (steps.length === 0) await new Promise<void>((go) => (wake = go));
          steps.shift()?.(controller);
        },
        cancel() {
          bodyCancelled = true;
          stopListening();
          leave("abandoned");
          wake();
        },
      },
      { highWaterMark: 0 },
    );

  const expectPhase = (expected: Phase, control: string, hint: string): boolean => {
    if (phase === "abandoned") return false;
    if (phase !== expected) throw new Error(`${control} ${hint}: ${method} ${url}`);
    return true;
  };
  const inBody = (control: string): boolean =>
    expectPhase("open", control, phase === "waiting" ? "before respond()" : "after the response was over");
  const step = (run: (controller: ReadableStreamDefaultController<Uint8Array>) => void): void => {
    steps.push(run);
    wake();
  };
  const finish = (run: (controller: ReadableStreamDefaultController<Uint8Array>) => void): void => {
    leave("over");
    step((controller) => {
      stopListening();
      run(controller);
    });
  };

  const request: HarnessRequest = {
    url,
    method,
    headers,
    body,
    signal,
    get aborted() {
      return aborted;
    },
    get bodyCancelled() {
      return bodyCancelled;
    },
    respond({ status = 200, headers: init, contentType = "text/event-stream", url: finalUrl = url } = {}) {
      if (!expectPhase("waiting", "respond()", "after the request was answered")) return;
      const head = new Headers(init);
      if (contentType !== null && !head.has("content-type")) head.set("content-type", contentType);
      const bodyless = statusesWithoutBody.includes(status);
      const response = new Response(bodyless ? null : openBody(), { status, headers: head });
      Object.defineProperties(response, { url: { value: finalUrl }, redirected: { value: finalUrl !== url } });
      phase = bodyless ? "over" : "open";
      if (bodyless) stopListening();
      else onOpenChange(1);
      resolve(response);
    },
    push(chunk) {
      if (!inBody("push()")) return;
      const bytes = typeof chunk === "string" ? encoder.encode(chunk) : new Uint8Array(chunk);
      step((controller) => controller.enqueue(bytes));
    },
    end() {
      if (inBody("end()")) finish((controller) => controller.close());
    },
    breakBody(error = new TypeError("terminated")) {
      if (inBody("breakBody()")) finish((controller) => controller.error(error));
    },
    fail(error = new TypeError("fetch failed")) {
      if (!expectPhase("waiting", "fail()", "after respond(), where breakBody() belongs")) return;
      leave("over");
      stopListening();
      reject(error);
    },
  };
  return { request, response: answer };
}
