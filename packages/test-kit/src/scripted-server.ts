import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

/** What the server keeps of a request, also of one to an unknown path. */
export interface RecordedRequest {
  method: string;
  /** Path and query, as sent. */
  url: string;
  /** Path only. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The value of `Last-Event-ID` as it was on the wire, `null` without the header. */
  lastEventIdBytes: Buffer | null;
}

/** One request with the means to answer it byte by byte. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** How many requests this path has had, this one included. */
  visit: number;
  /** Aborts when the response is over for any reason; an `AbortError` thrown by the handler is then no failure. */
  signal: AbortSignal;
  /** The value of `Last-Event-ID` as it was on the wire, `null` without the header. */
  lastEventIdBytes: Buffer | null;
  /** A request header, several values joined by a comma. */
  header(name: string): string | undefined;
  /** Sends the head of an event stream at once: status 200, `text/event-stream`, not cached. */
  sse(headers?: Record<string, string>): void;
  /** Sends bytes. Resolves when the system has them or the client has gone. */
  write(chunk: Uint8Array | string): Promise<void>;
  /** Ends the response cleanly. */
  end(): void;
  /** Destroys the connection. */
  destroy(): void;
}

/** Answers one request. */
export type ExchangeHandler = (exchange: Exchange) => void | Promise<void>;

/** A real HTTP/1.1 server whose answers a test writes. */
export interface ScriptedServer {
  /** Origin without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Answers `path` (query ignored) from now on; replaces an earlier handler, and visits go on counting. */
  on(path: string, handler: ExchangeHandler): void;
  /** All requests so far, in order of arrival. */
  readonly requests: RecordedRequest[];
  /** TCP connections that are open, idle ones included. */
  openSockets(): number;
  /** Responses not yet over. */
  openResponses(): number;
  /** Resolves when no response is open, at once if none is. */
  whenIdle(): Promise<void>;
  /** Destroys every connection; the server goes on listening. */
  dropAll(): void;
  /**
   * Destroys every connection and stops. Rejects with what a handler threw (an `AggregateError` for several), so that a
   * broken script fails its test. A handler that fails even later becomes an unhandled rejection.
   */
  close(): Promise<void>;
}

const lastEventIdOf = (request: IncomingMessage): Buffer | null => {
  const index = request.rawHeaders.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === "last-event-id");
  // Node.js decodes header bytes as latin1, which loses nothing.
  return index === -1 ? null : Buffer.from(request.rawHeaders[index + 1] ?? "", "latin1");
};

const createExchange = (request: IncomingMessage, response: ServerResponse, visit: number): Exchange => {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return {
    request,
    response,
    visit,
    signal: gone.signal,
    lastEventIdBytes: lastEventIdOf(request),
    header(name) {
      const value = request.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    sse(headers = {}) {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", ...headers });
      response.flushHeaders();
    },
    write: (chunk) =>
      new Promise((resolve, reject) => {
        const { signal } = gone;
        // An empty chunk puts nothing on the wire, so there is nothing to wait for.
        if (signal.aborted || response.destroyed || chunk.length === 0) return resolve();
        if (response.writableEnded) return reject(new Error(`write() after end(): ${request.url}`));
        const onGone = (): void => resolve();
        signal.addEventListener("abort", onGone, { once: true });
        response.write(chunk, (error) => {
          signal.removeEventListener("abort", onGone);
          if (error && !request.socket.destroyed) reject(error);
          else resolve();
        });
      }),
    end: () => void response.end(),
    destroy: () => void request.socket.destroy(),
  };
};

/**
 * Starts a server on a free port of 127.0.0.1. Paths without a handler answer 404.
 *
 * @example
 * const server = await startScriptedServer();
 * server.on("/events", async ({ sse, write, visit, end }) => {
 *   sse();
 *   await write(`data: visit ${visit}\n\n`);
 *   end();
 * });
 * await (await fetch(`${server.url}/events`)).text();
 * await server.close();
 */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const handlers = new Map<string, ExchangeHandler>();
  const visits = new Map<string, number>();
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  const responses = new Set<ServerResponse>();
  const failures: unknown[] = [];
  const idleWaiters: (() => void)[] = [];
  let closed = false;

  const run = async (handler: ExchangeHandler, exchange: Exchange): Promise<void> => {
    try {
      await handler(exchange);
    } catch (error) {
      if (exchange.signal.aborted && error instanceof Error && error.name === "AbortError") return;
      if (closed) throw error;
      failures.push(error);
      exchange.destroy();
    }
  };

  const server = createServer((request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://127.0.0.1");
    const visit = (visits.get(path) ?? 0) + 1;
    visits.set(path, visit);
    responses.add(response);
    response.once("close", () => {
      responses.delete(response);
      if (responses.size > 0) return;
      for (const resolve of idleWaiters.splice(0)) resolve();
    });
    const exchange = createExchange(request, response, visit);
    const { lastEventIdBytes } = exchange;
    const { method = "GET", url = "/", headers } = request;
    requests.push({ method, url, path, query, headers, lastEventIdBytes });
    const handler = handlers.get(path);
    if (handler) void run(handler, exchange);
    else response.writeHead(404, { "content-type": "text/plain" }).end(`no handler for ${path}`);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    on: (path, handler) => void handlers.set(path, handler),
    requests,
    openSockets: () => sockets.size,
    openResponses: () => responses.size,
    whenIdle: () => (responses.size === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
    dropAll,
    async close() {
      if (!closed) {
        const stopped = new Promise((resolve) => server.close(resolve));
        const gone = [...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
        dropAll();
        await Promise.all([stopped, ...gone]);
        // Lets handlers that were waiting for the client react to its absence, and fail in time to be noticed.
        await nextTurn();
        closed = true;
      }
      const found = failures.splice(0);
      if (found.length === 1) throw found[0];
      if (found.length > 1) throw new AggregateError(found, `${found.length} handlers failed`);
    },
  };
}
