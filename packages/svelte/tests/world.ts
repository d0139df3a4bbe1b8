import { tick } from "svelte";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";
import { createSSEClient } from "../src/index.js";

let urls = 0;

/** A URL no other test has used, because clients are shared by URL. */
export const freshUrl = () => `http://host.test/svelte-${++urls}`;

export const event = (data: unknown, channel = "a") => `event: ${channel}\ndata: ${JSON.stringify(data)}\n\n`;

export const nothing = { timers: 0, flushes: 0, listeners: 0 };

/** A network, a clock, a client, and what moves them. */
export function createWorld() {
  const harness = createFetchHarness();
  const environment = createFakeEnvironment({ fetch: harness.fetch });
  const pass = async (ms: number) => {
    await environment.clock.advanceAsync(ms);
    environment.flush();
    await tick();
  };
  return {
    harness,
    environment,
    client: createSSEClient({ url: freshUrl(), environment }),
    settle: () => pass(0),
    /** More than the linger time passes. */
    linger: () => pass(1_100),
    /** Answers the oldest request that has no answer with an open stream. */
    async open() {
      const request = await harness.nextRequest();
      request.respond();
      await pass(0);
      return request;
    },
  };
}
