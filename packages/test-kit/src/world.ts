import { createFakeEnvironment, type FakeEnvironment } from "./fake-environment.ts";
import { createFetchHarness, type FetchHarness, type HarnessRequest } from "./fetch-harness.ts";

/** A network and a clock under a test's control. */
export interface World {
  environment: FakeEnvironment;
  harness: FetchHarness;
  /** Answers the oldest request that has no answer with an open stream. */
  open(): Promise<HarnessRequest>;
  /** Lets everything due happen, a frame included, and the framework render. */
  settle(): Promise<void>;
  /** More than the linger time passes. */
  linger(): Promise<void>;
}

let urls = 0;

/** A URL no other test has used, because clients are shared by URL. */
export const freshUrl = (): string => `http://host.test/stream-${++urls}`;

/** An event of a channel, as it is on the wire. */
export const event = (data: unknown, channel = "a", id = ""): string =>
  `event: ${channel}\n${id && `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

/** @param flush - runs `change` and lets the framework render what follows from it */
export function createWorld(flush: (change: () => Promise<void>) => Promise<void>): World {
  const harness = createFetchHarness();
  const environment = createFakeEnvironment({ fetch: harness.fetch });
  const pass = (ms: number) =>
    flush(async () => {
      await environment.clock.advanceAsync(ms);
      environment.flush();
    });
  return {
    environment,
    harness,
    settle: () => pass(0),
    linger: () => pass(1_100),
    async open() {
      const request = await harness.nextRequest();
      request.respond();
      await pass(0);
      return request;
    },
  };
}
