import { tick } from "svelte";
import * as testKit from "test-kit/world";
import { createSSEClient } from "../src/index.js";

export { event, freshUrl } from "test-kit/world";

export const nothing = { timers: 0, flushes: 0, listeners: 0 };

/** A network and a clock under a test's control, and a client that uses them. */
export function createWorld() {
  const world = testKit.createWorld(async (change) => {
    await change();
    await tick();
  });
  const { environment } = world;
  return { ...world, client: createSSEClient({ url: testKit.freshUrl(), environment }) };
}
