import { expect, test, vi } from "vitest";
import { createManualClock } from "../src/manual-clock.ts";

test("time starts at 0, or where told", () => {
  expect(createManualClock().now()).toBe(0);
  expect(createManualClock({ start: 5 }).now()).toBe(5);
});

test("timers run in time order, each at its due time", () => {
  const clock = createManualClock({ start: 100 });
  const ran: [string, number][] = [];
  clock.setTimer(() => ran.push(["b", clock.now()]), 20);
  clock.setTimer(() => ran.push(["a", clock.now()]), 10);
  clock.setTimer(() => ran.push(["c", clock.now()]), 20);
  clock.setTimer(() => ran.push(["d", clock.now()]), 31);
  clock.advance(30);
  expect(ran).toEqual([
    ["a", 110],
    ["b", 120],
    ["c", 120],
  ]);
  expect(clock.now()).toBe(130);
  expect(clock.pending).toBe(1);
  expect(clock.nextDueIn()).toBe(1);
});

test("a timer due exactly at the end runs", () => {
  const clock = createManualClock();
  const callback = vi.fn();
  clock.setTimer(callback, 10);
  clock.advance(9);
  expect(callback).not.toHaveBeenCalled();
  clock.advance(1);
  expect(callback).toHaveBeenCalledOnce();
  clock.advance(100);
  expect(callback).toHaveBeenCalledOnce();
});

test("timers set while advancing run when they fall due", () => {
  const clock = createManualClock();
  const ran: number[] = [];
  const again = (): void => {
    ran.push(clock.now());
    clock.setTimer(again, 10);
  };
  clock.setTimer(again, 10);
  clock.advance(35);
  expect(ran).toEqual([10, 20, 30]);
  expect(clock.nextDueIn()).toBe(5);
});

test("a cancelled timer does not run, even when cancelled by one due at the same time", () => {
  const clock = createManualClock();
  const callback = vi.fn();
  let cancel = (): void => {};
  clock.setTimer(() => cancel(), 10);
  cancel = clock.setTimer(callback, 10);
  clock.advance(10);
  cancel();
  expect(callback).not.toHaveBeenCalled();
  expect(clock.pending).toBe(0);
  expect(clock.nextDueIn()).toBeNull();
});

test("delays that setTimeout takes for 0 count as 0", () => {
  const clock = createManualClock();
  for (const delay of [-1, 0, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY]) {
    const callback = vi.fn();
    clock.setTimer(callback, delay);
    expect(callback).not.toHaveBeenCalled();
    clock.advance(0);
    expect(callback).toHaveBeenCalledOnce();
  }
  clock.setTimer(() => {}, 2 ** 31 - 1);
  expect(clock.nextDueIn()).toBe(2 ** 31 - 1);
});

test("sleeping makes timers late instead of running them", () => {
  const clock = createManualClock();
  const ran: number[] = [];
  clock.setTimer(() => ran.push(clock.now()), 10);
  clock.sleep(600_000);
  expect(ran).toEqual([]);
  expect(clock.nextDueIn()).toBe(0);
  clock.advance(0);
  expect(ran).toEqual([600_000]);
});

test("what a timer throws comes out of advance, and the clock still works", () => {
  const clock = createManualClock();
  const callback = vi.fn();
  clock.setTimer(() => {
    throw new Error("broken");
  }, 10);
  clock.setTimer(callback, 20);
  expect(() => clock.advance(100)).toThrow("broken");
  expect(clock.now()).toBe(10);
  clock.advance(10);
  expect(callback).toHaveBeenCalledOnce();
});

test("a timer that always re-arms itself without delay fails instead of hanging", async () => {
  const clock = createManualClock();
  const again = (): void => void clock.setTimer(again, 0);
  again();
  expect(() => clock.advance(1)).toThrow("100000 timers");
});

test("time does not run backwards", () => {
  const clock = createManualClock();
  expect(() => clock.advance(-1)).toThrow(RangeError);
  expect(() => clock.advance(Number.NaN)).toThrow(RangeError);
});

test("advanceAsync lets promise chains settle between timers", async () => {
  const clock = createManualClock();
  const ran: number[] = [];
  const loop = async (): Promise<void> => {
    for (let round = 0; round < 3; round += 1) {
      await Promise.resolve().then(() => {});
      await new Promise<void>((resolve) => clock.setTimer(resolve, 10));
      await new Promise((resolve) => setImmediate(resolve));
      ran.push(clock.now());
    }
  };
  const done = loop();
  await clock.advanceAsync(100);
  expect(ran).toEqual([10, 20, 30]);
  expect(clock.now()).toBe(100);
  await done;
});
