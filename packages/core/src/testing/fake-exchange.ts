/** A request that a fake has received. */
export interface FakeRequest {
  /** As it was passed to `fetch`. */
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: BodyInit | null;
  /** The position to continue from, by header or query; empty for none. */
  readonly lastEventId: string;
  /** The client gave it up before the answer was over. */
  readonly aborted: boolean;
}

/** The server's end of a request. Once it is over, none of the methods does anything. */
export interface FakeExchange {
  readonly request: FakeRequest;
  readonly phase: "waiting" | "open" | "over";
  /** Sends the head of an answer; the body stays open. */
  respond(status: number, headers?: HeadersInit): void;
  /** Sends a part of the body. */
  write(data: string | Uint8Array): void;
  /** Answers completely. */
  reply(status: number, contentType: string, body: string, headers?: Readonly<Record<string, string>>): void;
  /** Ends the answer cleanly. */
  end(): void;
  /** Loses the connection, after what was written. */
  drop(): void;
  /** From now on nothing that is written arrives. */
  stall(): void;
  /** Loses the connection once exactly so many more bytes of the body have been written. */
  cutAfter(bytes: number): void;
  /** Calls back when it is over, whoever ended it. */
  onOver(callback: () => void): void;
}

type Part = Uint8Array<ArrayBuffer> | "end" | "drop";

/** Statuses whose answers have no body (Fetch, "null body status"). */
const BODILESS = [204, 205, 304];

/**
 * Receives one request as a server would.
 *
 * @param chunkBytes - the size of the pieces in which the body arrives
 */
export function createExchange(
  request: Omit<FakeRequest, "aborted">,
  signal: AbortSignal | null | undefined,
  chunkBytes: () => number,
): { readonly exchange: FakeExchange; readonly response: Promise<Response> } {
  const overs: (() => void)[] = [];
  let phase: FakeExchange["phase"] = "waiting";
  let isAborted = false;
  let isStalled = false;
  let bytesLeft = Number.POSITIVE_INFINITY;
  let resolve!: (response: Response) => void;
  let reject!: (reason: unknown) => void;
  const response = new Promise<Response>((onResponse, onFailure) => {
    resolve = onResponse;
    reject = onFailure;
  });

  const finish = (last: "end" | "drop") => {
    if (phase === "over") return;
    phase = "over";
    reject(new TypeError("Failed to fetch"));
    body.give(last);
    for (const callback of overs) callback();
  };
  const abandon = () => {
    isAborted ||= phase !== "over";
    reject(signal?.reason);
    body.fail(signal?.reason);
    finish("drop");
  };
  const body = createBody(abandon);
  signal?.addEventListener("abort", abandon, { once: true });

  const cutAfter = (bytes: number) => {
    bytesLeft = bytes;
    if (bytes === 0 && phase === "open") finish("drop");
  };
  const exchange: FakeExchange = {
    request: Object.defineProperty({ ...request, aborted: false }, "aborted", { get: () => isAborted }),
    get phase() {
      return phase;
    },
    respond(status, headers) {
      if (phase !== "waiting") return;
      phase = "open";
      const isBodiless = BODILESS.includes(status);
      resolve(new Response(isBodiless ? null : body.stream, headers ? { status, headers } : { status }));
      if (isBodiless) finish("end");
    },
    write(data) {
      if (phase !== "open" || isStalled) return;
      // A copy: the caller may go on using its bytes.
      const bytes = typeof data === "string" ? new TextEncoder().encode(data) : Uint8Array.from(data);
      const passed = bytes.subarray(0, bytesLeft);
      for (let at = 0; at < passed.length; at += chunkBytes()) body.give(passed.subarray(at, at + chunkBytes()));
      cutAfter(bytesLeft - passed.length);
    },
    reply(status, contentType, text, headers) {
      this.respond(status, { "content-type": contentType, ...headers });
      this.write(text);
      this.end();
    },
    end() {
      if (!isStalled) finish("end");
    },
    drop: () => finish("drop"),
    stall() {
      isStalled = true;
    },
    cutAfter,
    onOver: (callback) => void overs.push(callback),
  };
  return { exchange, response };
}

/** A body that gives one part per read, so that a break never overtakes the bytes before it. */
function createBody(onCancel: () => void) {
  const parts: Part[] = [];
  let wake = () => {};
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(own) {
        controller = own;
      },
      async pull() {
        if (parts.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const part = parts.shift();
        if (part === "end") controller.close();
        else if (part === "drop") controller.error(new TypeError("network error"));
        else controller.enqueue(part!);
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    give(part: Part) {
      parts.push(part);
      wake();
    },
    fail: (reason: unknown) => controller.error(reason),
  };
}
