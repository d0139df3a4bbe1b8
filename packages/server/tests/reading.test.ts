import { describe, expect, it } from "vitest";
import type { Position } from "../src/event-id.ts";
import { createHistory } from "../src/history.ts";
import { readAfter } from "../src/reading.ts";
import { createSubscription } from "../src/subscription.ts";

function at(major: number): Position {
  return { major, minor: 0 };
}

function setup(channels: readonly string[], { size = 10, totalBytes = 1e9 } = {}) {
  const history = createHistory({ limitsFor: () => ({ size, bytes: 1e9, ttlMs: null }), totalBytes, now: () => 0 });
  channels.forEach((channel, index) => {
    history.add({ channel, position: at(index + 1), frame: new Uint8Array(10), key: undefined, at: 0 });
    history.settle();
  });
  return history;
}

describe("reading", () => {
  // SPEC 17
  it("starts a pattern at the latest of its skips, so that no gap is told twice", () => {
    const history = setup(["b/1", "b/2", "b/3"], { totalBytes: 1 });
    const subscription = createSubscription(["a/*"]);
    const skips = [3, 1].map((until) => ({ channel: "a/*", until: at(until) }));
    expect(readAfter(subscription, history, at(0), skips).forgotten).toEqual([]);
    expect(readAfter(subscription, history, at(0), skips.toReversed()).forgotten).toEqual([]);
    expect(readAfter(subscription, history, at(0), skips.slice(1)).forgotten).toEqual(["a/*"]);
  });

  // SPEC 17
  it("starts a channel at the latest skip that covers it", () => {
    const history = setup(["a/1", "a/1", "a/1", "b"]);
    const skips = [
      { channel: "a/1", until: at(1) },
      { channel: "a/*", until: at(2) },
      { channel: "b", until: at(3) },
    ];
    const { slices } = readAfter(createSubscription(["**"]), history, at(0), skips);
    expect(slices.map(({ ring, from }) => [ring.channel, from])).toEqual([
      ["b", 0],
      ["a/1", 2],
    ]);
  });

  // SPEC 28
  it("looks at every skip once, not once for every channel", () => {
    const names = Array.from({ length: 500 }, (_, index) => `channel/${index}`);
    const history = setup(names);
    let looks = 0;
    const skips = names.map((channel) => ({
      get channel() {
        looks++;
        return channel;
      },
      until: at(names.length),
    }));
    const { slices } = readAfter(createSubscription(["**"]), history, at(0), skips);
    expect(looks).toBe(names.length);
    expect(slices.every(({ ring, from }) => from === ring.size)).toBe(true);
  });
});
