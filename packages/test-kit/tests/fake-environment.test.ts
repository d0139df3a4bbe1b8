import { expect, test, vi } from "vitest";
import { createFakeEnvironment } from "../src/fake-environment.ts";

test("time comes from the clock", () => {
  const environment = createFakeEnvironment({ start: 1_000 });
  const callback = vi.fn();
  environment.setTimer(callback, 5);
  environment.clock.advance(5);
  expect(callback).toHaveBeenCalledOnce();
  expect(environment.now()).toBe(1_005);
});

test("random numbers are in range and the same for the same seed", () => {
  const draw = (seed?: number): number[] => {
    const { random } = createFakeEnvironment(seed === undefined ? {} : { seed });
    return Array.from({ length: 1_000 }, random);
  };
  const numbers = draw();
  expect(draw(1)).toEqual(numbers);
  expect(draw(2)).not.toEqual(numbers);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  const mean = numbers.reduce((sum, number) => sum + number) / numbers.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  expect(new Set(numbers).size).toBeGreaterThan(990);
});

test("the random number can be fixed and freed again", () => {
  const environment = createFakeEnvironment();
  const [first, second] = [createFakeEnvironment()].flatMap(({ random }) => [random(), random()]);
  expect(environment.random()).toBe(first);
  environment.setRandom(0);
  expect([environment.random(), environment.random()]).toEqual([0, 0]);
  environment.setRandom(null);
  expect(environment.random()).toBe(second);
});

test("a frame runs what was asked for before it, in order", () => {
  const environment = createFakeEnvironment();
  const ran: string[] = [];
  environment.requestFlush(() => {
    ran.push("a");
    environment.requestFlush(() => ran.push("next"));
  });
  environment.requestFlush(() => ran.push("b"));
  expect(ran).toEqual([]);
  environment.flush();
  expect(ran).toEqual(["a", "b"]);
  environment.flush();
  environment.flush();
  expect(ran).toEqual(["a", "b", "next"]);
});

test("a cancelled frame callback does not run, even when cancelled during the frame", () => {
  const environment = createFakeEnvironment();
  const callback = vi.fn();
  environment.requestFlush(callback)();
  let cancel = (): void => {};
  environment.requestFlush(() => cancel());
  cancel = environment.requestFlush(callback);
  environment.flush();
  expect(callback).not.toHaveBeenCalled();
});

test("the same frame callback asked for twice runs twice and is cancelled once", () => {
  const environment = createFakeEnvironment();
  const callback = vi.fn();
  const cancel = environment.requestFlush(callback);
  environment.requestFlush(callback);
  environment.requestFlush(callback);
  cancel();
  environment.flush();
  expect(callback).toHaveBeenCalledTimes(2);
});

test("a frame callback that throws does not stop the others", () => {
  const environment = createFakeEnvironment();
  const callback = vi.fn();
  environment.requestFlush(() => {
    throw new Error("broken");
  });
  environment.requestFlush(callback);
  expect(() => environment.flush()).toThrow("broken");
  expect(callback).toHaveBeenCalledOnce();
});

test("page events reach the listeners, and what can be asked follows them", () => {
  const environment = createFakeEnvironment();
  const heard: string[] = [];
  const remove = environment.onPageEvent((event) =>
    heard.push(`${event} ${environment.isOnline()} ${environment.isHidden()}`),
  );
  environment.emitPageEvent("offline");
  environment.setHidden(true);
  environment.setHidden(true);
  environment.emitPageEvent("resume");
  environment.setHidden(false);
  environment.emitPageEvent("online");
  remove();
  remove();
  environment.emitPageEvent("pagehide");
  expect(heard).toEqual([
    "offline false false",
    "visibilitychange false true",
    "resume false true",
    "visibilitychange false false",
    "online true false",
  ]);
});

test("a page listener removed by another is not called", () => {
  const environment = createFakeEnvironment();
  const listener = vi.fn();
  let remove = (): void => {};
  environment.onPageEvent(() => remove());
  remove = environment.onPageEvent(listener);
  environment.emitPageEvent("offline");
  expect(listener).not.toHaveBeenCalled();
});

test("leaks counts what is registered", () => {
  const environment = createFakeEnvironment();
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  const undo = [
    environment.setTimer(() => {}, 1),
    environment.requestFlush(() => {}),
    environment.onPageEvent(() => {}),
  ];
  expect(environment.leaks()).toEqual({ timers: 1, flushes: 1, listeners: 1 });
  for (const step of undo) step();
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
});

test("without fetch every request is rejected", async () => {
  await expect(createFakeEnvironment().fetch("/")).rejects.toThrow("without fetch");
});

test("fetch and isServer are passed on", () => {
  const fetch = vi.fn<typeof globalThis.fetch>();
  const environment = createFakeEnvironment({ fetch, isServer: true });
  expect(environment.fetch).toBe(fetch);
  expect(environment.isServer).toBe(true);
  expect(createFakeEnvironment().isServer).toBe(false);
});
