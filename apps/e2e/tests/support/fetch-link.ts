/** A server as seen through Fetch. */
type Serve = (request: Request) => Promise<Response>;

/** Told what passes over a link. */
export interface LinkObserver {
  /** A stream began. */
  onOpen(): void;
  /** These bytes of the body are about to be given to the client. */
  onBytes(chunk: Uint8Array): void;
}

/** A `fetch` without a network that leads to a server's handler, and whose streams break at any byte. */
export interface FetchLink {
  readonly fetch: typeof globalThis.fetch;
  /** Requests so far, refused ones included. */
  readonly requests: readonly Request[];
  /** Streams the client has not let go of and that have not ended. */
  readonly open: number;
  /** Where requests lead from now on. */
  serve(server: Serve): void;
  /**
   * Breaks the open stream, or the next one if none is open, when the client has been given exactly this many more
   * bytes of its body. Unless the server notices, its side stays open and unread.
   */
  cutAfter(bytes: number, isNoticed?: boolean): void;
  /** Breaks the open stream, if there is one, now. */
  cut(): void;
  /** Fails this many of the next requests before any answer. */
  refuse(times: number): void;
  /** Bytes wait at the server until {@link FetchLink.unstall}. */
  stall(): void;
  unstall(): void;
}

interface Stream {
  /** Ends the server's side. */
  leave(): void;
  /** Looks again at whether there is something to do. */
  wake(): void;
  broken: boolean;
}

/**
 * Creates a link.
 *
 * @param chunkBytes - the client is never given more at once
 */
export function createFetchLink(chunkBytes: number, observer: LinkObserver): FetchLink {
  const requests: Request[] = [];
  let server: Serve = async () => new Response("no server", { status: 404 });
  let current: Stream | undefined;
  let budget = Number.POSITIVE_INFINITY;
  let isNoticed = true;
  let refusals = 0;
  let stalled = false;
  let open = 0;

  const breakCurrent = () => {
    const stream = current;
    if (!stream) return;
    budget = Number.POSITIVE_INFINITY;
    current = undefined;
    stream.broken = true;
    if (isNoticed) stream.leave();
    stream.wake();
  };

  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { signal } = init;
    signal?.throwIfAborted();
    const left = new AbortController();
    const request = new Request(input, { headers: init.headers ?? {}, signal: left.signal });
    requests.push(request);
    if (refusals > 0) {
      refusals--;
      throw new TypeError("fetch failed");
    }
    const { status, headers, body } = await server(request);
    const reader = body?.getReader();
    let rest = new Uint8Array();
    let wake = () => {};
    let isReading = false;
    let ended = !reader;
    let isOpen = true;

    const close = () => {
      if (isOpen) open--;
      isOpen = false;
      if (current === stream) current = undefined;
    };
    const stream: Stream = {
      broken: false,
      wake: () => wake(),
      leave() {
        left.abort();
        reader?.cancel().catch(() => {});
      },
    };
    current = stream;
    open++;
    observer.onOpen();
    if (budget === 0) breakCurrent();

    const fill = async () => {
      isReading = true;
      try {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (value) rest = new Uint8Array(value);
        ended = !!done;
      } catch {
        // The server dropped the stream.
        stream.broken = true;
      }
      isReading = false;
      wake();
    };

    return new Response(
      new ReadableStream<Uint8Array>(
        {
          start(controller) {
            signal?.addEventListener("abort", () => {
              if (!isOpen) return;
              close();
              stream.leave();
              controller.error(signal.reason);
              wake();
            });
          },
          async pull(controller) {
            while (isOpen) {
              if (stream.broken) {
                close();
                controller.error(new TypeError("terminated"));
              } else if (rest.length > 0 && !stalled) {
                const size = Math.min(rest.length, chunkBytes, budget);
                const chunk = rest.slice(0, size);
                rest = rest.slice(size);
                budget -= size;
                if (budget === 0) breakCurrent();
                observer.onBytes(chunk);
                controller.enqueue(chunk);
                return;
              } else if (rest.length === 0 && ended) {
                close();
                controller.close();
              } else {
                if (rest.length === 0 && !stalled && !isReading) void fill();
                await new Promise<void>((resolve) => {
                  wake = resolve;
                });
              }
            }
          },
          cancel() {
            close();
            stream.leave();
          },
        },
        { highWaterMark: 0 },
      ),
      { status, headers },
    );
  };

  return {
    fetch,
    requests,
    get open() {
      return open;
    },
    serve(next) {
      server = next;
    },
    cutAfter(bytes, noticed = true) {
      budget = bytes;
      isNoticed = noticed;
      if (bytes === 0) breakCurrent();
    },
    cut() {
      isNoticed = true;
      breakCurrent();
    },
    refuse(times) {
      refusals = times;
    },
    stall() {
      stalled = true;
    },
    unstall() {
      stalled = false;
      current?.wake();
    },
  };
}
