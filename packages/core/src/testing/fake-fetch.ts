import { createExchange, type FakeExchange, type FakeRequest } from "./fake-exchange.ts";

/** A `fetch` without a network. */
export interface FakeFetch {
  readonly fetch: typeof globalThis.fetch;
  /** Every request so far. */
  readonly requests: readonly FakeRequest[];
  /** Requests and answers under way. */
  readonly openStreams: number;
  /** Cuts what is written from now on into pieces of `size` bytes; `null` leaves each write whole. */
  splitChunks(size: number | "every-byte" | null): void;
}

/** @param onRequest - answers, at once or later */
export function createFakeFetch(onRequest: (exchange: FakeExchange) => void): FakeFetch {
  const requests: FakeRequest[] = [];
  const underWay = new Set<FakeExchange>();
  let chunkBytes = Number.POSITIVE_INFINITY;
  return {
    requests,
    get openStreams() {
      return underWay.size;
    },
    splitChunks(size) {
      if (typeof size === "number" && !(size >= 1)) throw new RangeError(`A chunk of ${size} bytes. Pass 1 or more.`);
      chunkBytes = size === "every-byte" ? 1 : (size ?? Number.POSITIVE_INFINITY);
    },
    // Async, so that what fetch refuses becomes a rejection.
    async fetch(input, init = {}) {
      const template = typeof input === "object" && "url" in input ? input : undefined;
      const url = template?.url ?? `${input}`;
      const headers = new Headers(init.headers ?? template?.headers);
      const signal = init.signal ?? template?.signal;
      signal?.throwIfAborted();
      const { exchange, response } = createExchange(
        {
          url,
          method: (init.method ?? template?.method ?? "GET").toUpperCase(),
          headers,
          body: init.body ?? template?.body ?? null,
          lastEventId: readPosition(url, headers),
        },
        signal,
        () => chunkBytes,
      );
      requests.push(exchange.request);
      underWay.add(exchange);
      exchange.onOver(() => underWay.delete(exchange));
      onRequest(exchange);
      return response;
    },
  };
}

/** The query of a URL, which may be relative. */
export function queryOf(url: string): URLSearchParams {
  return new URL(url, "http://localhost").searchParams;
}

function readPosition(url: string, headers: Headers): string {
  // An id is UTF-8, and a header's characters are its bytes.
  const bytes = Uint8Array.from(headers.get("last-event-id") ?? "", (character) => character.charCodeAt(0));
  const query = queryOf(url);
  return new TextDecoder().decode(bytes) || query.get("lastEventId") || query.get("last_event_id") || "";
}
