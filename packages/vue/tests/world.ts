import { cleanup } from "@testing-library/vue";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";
import { afterEach, beforeEach, expect, type MockInstance, vi } from "vitest";
import { nextTick } from "vue";
import { createSSEClient } from "../src/index.ts";

let warn: MockInstance<typeof console.warn>;

// Vue warns of what it then puts up with, so a warning fails the test it comes in.
beforeEach(() => {
  warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  // It tells everyone that Suspense is experimental.
  vi.spyOn(console, "info").mockImplementation(() => {});
});
afterEach(() => {
  cleanup();
  const warnings = warn.mock.calls.map(([first]) => first);
  vi.restoreAllMocks();
  expect(warnings).toEqual([]);
});

/** The warnings so far, which then do not fail the test. */
export function takeWarnings(): string[] {
  const warnings = warn.mock.calls.map(([first]) => `${first}`);
  warn.mockClear();
  return warnings;
}

let urls = 0;

/** A URL no other test has used, because clients are shared by URL. */
export const freshUrl = (): string => `http://host.test/vue-${++urls}`;

export const event = (data: unknown, channel = "a", id = "") =>
  `event: ${channel}\n${id && `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

/** A network and a clock under the test's control, and a client that uses them. */
export function createWorld() {
  const harness = createFetchHarness();
  const environment = createFakeEnvironment({ fetch: harness.fetch });
  /** Time passes, a frame is drawn, and Vue renders what follows. */
  const pass = async (ms: number) => {
    await environment.clock.advanceAsync(ms);
    environment.flush();
    await nextTick();
  };
  return {
    harness,
    environment,
    client: createSSEClient({ url: "http://host.test/events", environment }),
    settle: () => pass(0),
    linger: () => pass(1_000),
    /** Answers the oldest request without an answer with an open stream. */
    async open() {
      const request = await harness.nextRequest();
      request.respond();
      await pass(0);
      return request;
    },
  };
}
