import { createHarnessRequest, type HarnessRequest } from "./harness-request.ts";

export type { HarnessRequest, HarnessResponse } from "./harness-request.ts";

/** A `fetch` without a network. */
export interface FetchHarness {
  readonly fetch: typeof globalThis.fetch;
  /** All requests so far. A call whose signal had aborted before makes none. */
  readonly requests: HarnessRequest[];
  /** The oldest request not yet handed out by this method, as soon as there is one. */
  nextRequest(): Promise<HarnessRequest>;
  /** Responses with a body that is neither ended, broken, cancelled nor aborted. */
  readonly openStreams: number;
}

/**
 * Creates a `fetch` whose requests a test answers by hand. It rejects what real `fetch` rejects where clients trip over
 * it: header values beyond U+00FF, a body on GET, an aborted signal. Relative URLs stay as they are.
 *
 * @example
 * const harness = createFetchHarness();
 * const pending = harness.fetch("/events");
 * const request = await harness.nextRequest();
 * request.respond();
 * request.push("data: hello\n\n");
 * request.end();
 * await (await pending).text(); // "data: hello\n\n"
 */
export function createFetchHarness(): FetchHarness {
  const requests: HarnessRequest[] = [];
  const untaken: HarnessRequest[] = [];
  const waiters: ((request: HarnessRequest) => void)[] = [];
  let openStreams = 0;

  const announce = (request: HarnessRequest): void => {
    requests.push(request);
    const waiter = waiters.shift();
    if (waiter) waiter(request);
    else untaken.push(request);
  };

  return {
    // Async, so that what is wrong with the arguments becomes a rejection.
    async fetch(input, init = {}) {
      const { request, response } = createHarnessRequest(input, init, (change) => {
        openStreams += change;
      });
      announce(request);
      return response;
    },
    requests,
    nextRequest() {
      const request = untaken.shift();
      return request ? Promise.resolve(request) : new Promise((resolve) => waiters.push(resolve));
    },
    get openStreams() {
      return openStreams;
    },
  };
}
