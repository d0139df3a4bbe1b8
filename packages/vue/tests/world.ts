import { cleanup } from "@testing-library/vue";
import * as testKit from "test-kit/world";
import { afterEach, beforeEach, expect, type MockInstance, vi } from "vitest";
import { nextTick } from "vue";
import { createSSEClient } from "../src/index.ts";

export { event, freshUrl } from "test-kit/world";

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

/** A network and a clock under a test's control, and a client that uses them. */
export function createWorld() {
  const world = testKit.createWorld(async (change) => {
    await change();
    await nextTick();
  });
  const { environment } = world;
  return { ...world, client: createSSEClient({ url: "http://host.test/events", environment }) };
}
