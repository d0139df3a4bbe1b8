import { afterEach, describe, expect, test, vi } from "vitest";
import { createManualClock } from "../../src/testing/index.ts";

afterEach(() => {
  vi.useRealTimers();
});

// SPEC 110
describe("a manual clock", () => {
  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses to move by %s", async (ms) => {
    const clock = createManualClock();
    await expect(clock.advance(ms)).rejects.toThrow("Pass a number from 0 on");
    expect(() => clock.sleep(ms)).toThrow(RangeError);
    expect(clock.now()).toBe(0);
  });

  test("ends a test whose timers set each other without delay", async () => {
    const clock = createManualClock();
    const again = () => clock.setTimer(again, 0);
    again();
    await expect(clock.advance(1)).rejects.toThrow("one sets the next");
  });

  test("passes on what a timer throws, with time left at it and the others set", async () => {
    const clock = createManualClock();
    clock.setTimer(() => {
      throw new Error("mine");
    }, 10);
    clock.setTimer(() => {}, 20);
    await expect(clock.advance(100)).rejects.toThrow("mine");
    expect([clock.now(), clock.pending, clock.dueIn]).toEqual([10, 1, 10]);
  });

  test("runs timers in order of their time, then of their making, each at its own moment", async () => {
    const clock = createManualClock({ start: 1_000 });
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} ${clock.now()}`);
    clock.setTimer(note("c"), 30);
    clock.setTimer(note("a"), 10);
    clock.setTimer(note("b"), 10);
    clock.setTimer(note("never"), 10)();
    await clock.advance(20);
    expect(seen).toEqual(["a 1010", "b 1010"]);
    expect(clock.now()).toBe(1_020);
    await clock.advance(10);
    expect(seen.at(-1)).toBe("c 1030");
    expect([clock.pending, clock.dueIn]).toEqual([0, null]);
  });

  test("lets promise chains end between timers, and runs the timers they set on the way", async () => {
    const clock = createManualClock();
    const seen: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimer(resolve, ms));
    const chain = async () => {
      for (let turn = 0; turn < 3; turn++) {
        await wait(10);
        for (let hop = 0; hop < 50; hop++) await null;
        seen.push(clock.now());
      }
    };
    void chain();
    await clock.advance(100);
    expect(seen).toEqual([10, 20, 30]);
  });

  test("lets a chain end that itself waits for a turn of the event loop", async () => {
    const clock = createManualClock();
    const seen: string[] = [];
    const turn = () =>
      new Promise<void>((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          port1.close();
          resolve();
        };
        port2.postMessage(null);
      });
    clock.setTimer(async () => {
      await null;
      await turn();
      seen.push("done");
    }, 10);
    await clock.advance(10);
    expect(seen).toEqual(["done"]);
  });

  test("makes timers late by sleeping, and runs them at the time it then is", async () => {
    const clock = createManualClock();
    const seen: number[] = [];
    clock.setTimer(() => seen.push(clock.now()), 10);
    clock.sleep(3_600_000);
    expect([seen.length, clock.dueIn]).toEqual([0, 0]);
    await clock.advance(0);
    expect(seen).toEqual([3_600_000]);
  });

  test.each([-5, Number.NaN, 2 ** 31])("takes a delay of %s for none, as setTimeout does", async (delay) => {
    const clock = createManualClock();
    const run = vi.fn();
    clock.setTimer(run, delay);
    await clock.advance(0);
    expect(run).toHaveBeenCalledOnce();
  });

  test("works while a framework's fake timers are installed, before it was made or after", async () => {
    const before = createManualClock();
    vi.useFakeTimers();
    const run = vi.fn();
    for (const clock of [before, createManualClock()]) {
      clock.setTimer(run, 10);
      await clock.advance(10);
    }
    expect(run).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("works where there is no MessageChannel", async () => {
    vi.stubGlobal("MessageChannel", undefined);
    try {
      const clock = createManualClock();
      const run = vi.fn();
      clock.setTimer(() => void Promise.resolve().then(run), 10);
      await clock.advance(10);
      expect(run).toHaveBeenCalledOnce();
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
