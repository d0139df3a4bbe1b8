import { describe, expect, it } from "vitest";
import { ORIGIN, type Position } from "../src/event-id.ts";
import { createHistory, type HistoryLimits } from "../src/history.ts";

function at(major: number): Position {
  return { major, minor: 0 };
}

function setup(limits: Partial<HistoryLimits> = {}, totalBytes = 1_000_000) {
  let time = 0;
  let count = 0;
  const history = createHistory({
    limitsFor: () => ({ size: 100, bytes: 10_000, ttlMs: 1_000, ...limits }),
    totalBytes,
    now: () => time,
  });
  return {
    history,
    wait: (ms: number) => {
      time += ms;
    },
    add(channel: string, bytes = 10) {
      const position = at(++count);
      history.add({ channel, position, frame: new Uint8Array(bytes), key: undefined, at: time });
      return position;
    },
  };
}

describe("history", () => {
  // SPEC 14
  it("keeps the newest entries up to the size and knows what it dropped", () => {
    const { history, add } = setup({ size: 3 });
    for (let index = 0; index < 5; index++) add("a");
    history.settle();
    expect(history.ring("a")).toMatchObject({ size: 3, lostUpTo: at(2), lossAssumed: false, newest: at(5) });
  });

  // SPEC 14
  it("keeps the newest entries up to the bytes", () => {
    const { history, add } = setup({ bytes: 25 });
    for (let index = 0; index < 5; index++) add("a");
    history.settle();
    expect(history.ring("a")).toMatchObject({ size: 2, bytes: 20 });
  });

  // SPEC 14
  it("drops what is older than its time to live", () => {
    const { history, add, wait } = setup();
    add("a");
    wait(600);
    add("a");
    history.settle();
    wait(400);
    history.expire();
    expect(history.ring("a")).toMatchObject({ size: 1, lostUpTo: at(1) });
  });

  // SPEC 14
  it("keeps entries of any age without a time to live", () => {
    const { history, add, wait } = setup({ ttlMs: null });
    add("a");
    wait(1e9);
    history.expire();
    expect(history.ring("a")?.size).toBe(1);
  });

  // SPEC 25
  it("drops nothing before it is told to settle", () => {
    const { history, add } = setup({ size: 1 });
    for (let index = 0; index < 5; index++) add("a");
    expect(history.ring("a")?.size).toBe(5);
  });

  // SPEC 15
  it("forgets the channels published least recently and remembers only how far", () => {
    const { history, add } = setup({}, 8_000);
    add("a");
    add("b");
    add("c");
    add("a");
    add("d");
    history.settle();
    expect(history.ring("b")).toBeUndefined();
    expect(history.ring("c")?.size).toBe(1);
    expect(history.ring("a")?.size).toBe(2);
    expect(history.floor).toEqual(at(2));
    expect(history.bytes).toBeLessThanOrEqual(8_000);
    add("b");
    expect(history.ring("b")).toMatchObject({ lostUpTo: at(2), lossAssumed: true });
  });

  // SPEC 15
  it("stays under its cap with any number of channels", () => {
    const { history, add } = setup({}, 50_000);
    for (let index = 0; index < 1_000; index++) {
      add(`room/${index}`);
      history.settle();
    }
    expect(history.bytes).toBeLessThanOrEqual(50_000);
    expect(history.channels).toBeLessThan(100);
  });

  // SPEC 15
  it("counts what an event costs beside its bytes", () => {
    const { history, add } = setup({ size: 10_000 }, 200_000);
    for (const channel of ["a", "b"]) for (let index = 0; index < 300; index++) add(channel, 1);
    history.settle();
    expect(history.ring("a")).toBeUndefined();
    expect(history.ring("b")?.size).toBe(300);
    expect(history.bytes).toBeGreaterThan(300 * 400);
  });

  // SPEC 15
  it("counts nothing any more for what is gone", () => {
    const { history, add, wait } = setup({ size: 3 }, 10_000);
    for (let index = 0; index < 20; index++) add(`room/${index % 7}`, index);
    history.settle();
    const rings = history.recent(100);
    const held = rings.reduce(
      (sum, { channel, size, bytes }) => sum + 2_048 + channel.length * 2 + size * 400 + bytes,
      0,
    );
    expect(history.bytes).toBe(held);
    wait(1_000);
    history.expire();
    expect(history.bytes).toBe(rings.reduce((sum, { channel }) => sum + 2_048 + channel.length * 2, 0));
  });

  // SPEC 28
  it("finds what is newer than a position without looking at the rest", () => {
    const { history, add } = setup();
    add("a");
    const position = add("b");
    add("c");
    add("a");
    expect([...history.newerThan(position)].map((ring) => ring.channel)).toEqual(["a", "c"]);
    expect([...history.newerThan(ORIGIN)]).toHaveLength(3);
  });
});
