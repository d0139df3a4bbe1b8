import { describe, expect, it, vi } from "vitest";
import { createHub } from "../../src/index.ts";
import { createManualEnvironment } from "../../src/testing/index.ts";

// SPEC 127
describe("a manual environment", () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses to move by %s", async (ms) => {
    const environment = createManualEnvironment();
    await expect(environment.advance(ms)).rejects.toThrow("Pass a number from 0 on");
    expect(() => environment.advanceSync(ms)).toThrow(RangeError);
    expect(environment.now()).toBe(0);
  });

  it("ends a test whose timers set each other without delay, or whose calls defer each other", () => {
    const environment = createManualEnvironment();
    const again = () => void environment.setTimer(again, 0);
    again();
    expect(() => environment.advanceSync(1)).toThrow("one sets the next");
    const other = createManualEnvironment();
    const later = () => void other.defer(later);
    later();
    expect(() => other.endTick()).toThrow("one defers the next");
  });

  it("passes on what a timer throws, with time left at it and the others set", async () => {
    const environment = createManualEnvironment();
    environment.setTimer(() => {
      throw new Error("mine");
    }, 10);
    environment.setTimer(() => {
      throw new Error("yours");
    }, 20);
    environment.setTimer(() => {}, 30);
    await expect(environment.advance(100)).rejects.toThrow("mine");
    expect([environment.now(), environment.pending]).toEqual([10, 2]);
    expect(() => environment.advanceSync(100)).toThrow("yours");
    expect([environment.now(), environment.pending]).toEqual([20, 1]);
  });

  it("runs timers in order of their time, then of their making, each at its moment and before the end of a tick", () => {
    const environment = createManualEnvironment();
    const seen: string[] = [];
    const note = (name: string) => () => {
      seen.push(`${name} ${environment.now()}`);
      environment.defer(() => seen.push(`after ${name}`));
    };
    environment.setTimer(note("c"), 30);
    environment.setTimer(note("a"), 10);
    environment.setTimer(note("b"), 10);
    environment.setTimer(note("never"), 10)();
    environment.defer(note("never"))();
    environment.advanceSync(20);
    expect(seen).toEqual(["a 10", "after a", "b 10", "after b"]);
    environment.advanceSync(10);
    expect([seen.at(-2), environment.now(), environment.pending, environment.maxTimers]).toEqual(["c 30", 30, 0, 4]);
  });

  it("does by itself nothing of what was deferred", async () => {
    const environment = createManualEnvironment();
    const run = vi.fn();
    environment.defer(run);
    await new Promise((resolve) => setImmediate(resolve));
    expect([run.mock.calls.length, environment.pending]).toEqual([0, 1]);
    environment.endTick();
    expect([run.mock.calls.length, environment.pending]).toEqual([1, 0]);
  });

  it("settles what follows from each other without time: promises, ticks and turns of the event loop", async () => {
    const environment = createManualEnvironment();
    const seen: string[] = [];
    const tick = (name: string) =>
      new Promise<void>((resolve) => void environment.defer(() => resolve(void seen.push(name))));
    const chain = async () => {
      await tick("a");
      for (let hop = 0; hop < 50; hop++) await null;
      await tick("b");
      await new Promise((resolve) => setImmediate(resolve));
      await tick("c");
    };
    void chain();
    const waits = vi.fn();
    environment.setTimer(waits, 1);
    await environment.settle();
    expect([seen, environment.now(), waits.mock.calls.length]).toEqual([["a", "b", "c"], 0, 0]);
  });

  it("lets promise chains end between timers, and runs the timers they set on the way", async () => {
    const environment = createManualEnvironment();
    const seen: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => void environment.setTimer(resolve, ms));
    const chain = async () => {
      for (let count = 0; count < 3; count++) {
        await wait(10);
        for (let hop = 0; hop < 50; hop++) await null;
        seen.push(environment.now());
      }
    };
    void chain();
    await environment.advance(30);
    expect([seen, environment.now(), environment.pending]).toEqual([[10, 20, 30], 30, 0]);
  });

  it("settles while a framework's fake timers are installed", async () => {
    vi.useFakeTimers();
    try {
      const environment = createManualEnvironment();
      const run = vi.fn();
      void Promise.resolve().then(() => environment.defer(run));
      await environment.settle();
      expect(run).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  it("has a wall clock that begins where it is told and can be set apart", () => {
    expect(new Date(createManualEnvironment().date()).toISOString()).toBe("2026-01-01T00:00:00.000Z");
    const environment = createManualEnvironment({ startDate: 1_000 });
    environment.advanceSync(10);
    environment.setClock(-500);
    expect([environment.now(), environment.date()]).toEqual([10, 510]);
  });

  it("draws the same numbers for the same seed, others for another, and from all of the range", () => {
    const drawn = (seed?: number) => {
      const { random } = createManualEnvironment({ seed });
      return Array.from({ length: 1_000 }, random);
    };
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn()).toEqual(drawn(1));
    expect(drawn(8)).not.toEqual(drawn(7));
    expect(Math.min(...drawn())).toBeLessThan(0.01);
    expect(Math.max(...drawn())).toBeGreaterThan(0.99);
    expect(drawn().every((number) => number >= 0 && number < 1)).toBe(true);
    expect(createManualEnvironment({ random: () => 0.25 }).random()).toBe(0.25);
  });

  it("makes a hub the same in every run", () => {
    const epochs = [1, 1, 2].map((seed) => createHub({ environment: createManualEnvironment({ seed }) }).epoch);
    expect(epochs[0]).toBe(epochs[1]);
    expect(epochs[0]).not.toBe(epochs[2]);
  });
});
