import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createHistory } from "../src/channels/history.ts";
import { createBatch } from "../src/store/batch.ts";
import { createListeners } from "../src/store/listeners.ts";
import { combine, createCell, isShallowEqual, select } from "../src/store/readable.ts";

const reported: unknown[] = [];
beforeEach(() => vi.stubGlobal("reportError", (error: unknown) => reported.push(error)));
afterEach(() => {
  vi.unstubAllGlobals();
  reported.length = 0;
});

// SPEC 31
describe("listeners", () => {
  test("one that throws is reported once and does not stop the others", () => {
    const { add, emit } = createListeners<number>();
    const heard: number[] = [];
    add(() => {
      throw new Error("mine");
    });
    add((value) => heard.push(value));
    emit(7);
    expect(heard).toEqual([7]);
    expect(reported).toEqual([new Error("mine")]);
  });

  test("the same function added twice is called twice and removed one by one", () => {
    const { add, emit } = createListeners<void>();
    const run = vi.fn();
    const end = add(run);
    add(run);
    emit();
    end();
    end();
    emit();
    expect(run).toHaveBeenCalledTimes(3);
  });

  test("one removed while an event is told is not called for it any more; one added waits for the next", () => {
    const { add, emit } = createListeners<string>();
    const heard: string[] = [];
    add(() => {
      endSecond();
      add((value) => heard.push(`late ${value}`));
    });
    const endSecond = add((value) => heard.push(`second ${value}`));
    emit("a");
    expect(heard).toEqual([]);
    emit("b");
    expect(heard).toEqual(["late b"]);
  });
});

describe("readables", () => {
  test("a value staged is there at once, its subscribers are told when asked to be", () => {
    const cell = createCell(1);
    const onChange = vi.fn();
    cell.subscribe(onChange);
    expect(onChange).not.toHaveBeenCalled();
    const notify = cell.stage(2);
    expect(cell.get()).toBe(2);
    expect(cell.getServer()).toBe(1);
    expect(onChange).not.toHaveBeenCalled();
    notify();
    expect(onChange).toHaveBeenCalledOnce();
  });

  test("a selector that throws has its subscriber told, who meets the error when it reads", () => {
    const cell = createCell(1);
    const part = select(cell, (value) => {
      if (value === 2) throw new Error("mine");
      return value;
    });
    const onChange = vi.fn();
    part.subscribe(onChange);
    cell.stage(2)();
    expect(onChange).toHaveBeenCalled();
    expect(part.get).toThrow("mine");
    onChange.mockClear();
    // The same as before the error.
    cell.stage(1)();
    expect(onChange).toHaveBeenCalledOnce();
    expect(reported).toEqual([]);
  });

  test("a selected part tells only of its own changes and keeps its reference", () => {
    const cell = createCell({ a: [1], b: 1 });
    const part = select(
      cell,
      (value) => value.a,
      (x, y) => x[0] === y[0],
    );
    const first = part.get();
    const onChange = vi.fn();
    const end = part.subscribe(onChange);
    cell.stage({ a: [1], b: 2 })();
    expect(part.get()).toBe(first);
    expect(onChange).not.toHaveBeenCalled();
    cell.stage({ a: [2], b: 2 })();
    expect(onChange).toHaveBeenCalledOnce();
    end();
    cell.stage({ a: [3], b: 2 })();
    expect(onChange).toHaveBeenCalledOnce();
    expect(part.getServer()).toEqual([1]);
  });

  test("a combination is computed once per change of either source", () => {
    const a = createCell(1);
    const b = createCell(10);
    const compute = vi.fn((x: number, y: number) => x + y);
    const sum = combine(a, b, compute);
    expect([sum.get(), sum.get()]).toEqual([11, 11]);
    expect(compute).toHaveBeenCalledOnce();
    b.stage(20)();
    expect(sum.get()).toBe(21);
    expect(sum.getServer()).toBe(11);
  });

  test("shallow equality compares field by field", () => {
    expect(isShallowEqual({ a: Number.NaN, b: 1 }, { a: Number.NaN, b: 1 })).toBe(true);
    expect(isShallowEqual({ a: {}, b: 1 }, { a: {}, b: 1 })).toBe(false);
  });
});

// SPEC 33
test("a batch commits everything before it tells anyone, once per flush", () => {
  const flushes: (() => void)[] = [];
  const batch = createBatch((flush) => flushes.push(flush));
  const a = createCell(0);
  const b = createCell(0);
  const seen: [number, number][] = [];
  a.subscribe(() => seen.push([a.get(), b.get()]));
  b.subscribe(() => seen.push([a.get(), b.get()]));
  const touchA = batch(() => a.stage(1));
  const touchB = batch(() => b.stage(2));
  expect(flushes).toHaveLength(0);
  touchA();
  touchB();
  touchA();
  expect(flushes).toHaveLength(1);
  flushes.pop()?.();
  expect(seen).toEqual([
    [1, 2],
    [1, 2],
  ]);
  touchA();
  expect(flushes).toHaveLength(1);
});

describe("history", () => {
  test("keeps the newest in order and the same snapshot until something comes", () => {
    const history = createHistory<number>(3);
    for (const value of [1, 2, 3, 4]) history.push(value);
    const first = history.snapshot();
    expect(first).toEqual([2, 3, 4]);
    expect(history.snapshot()).toBe(first);
    history.push(5);
    expect(history.snapshot()).toEqual([3, 4, 5]);
    expect(first).toEqual([2, 3, 4]);
  });

  test("stays bounded while nobody takes a snapshot", () => {
    const history = createHistory<number>(2);
    for (let value = 0; value < 10_000; value++) history.push(value);
    expect(history.snapshot()).toEqual([9_998, 9_999]);
  });

  test("a limit of 0 keeps nothing", () => {
    const history = createHistory<number>(0);
    history.push(1);
    expect(history.snapshot()).toEqual([]);
  });
});
