import { expect, test, vi } from "vitest";
import { createRecorder, until } from "../src/until.ts";

test("resolves at once with a value that satisfies the condition", async () => {
  const recorder = createRecorder<number>();
  recorder.add(1);
  expect(await until(recorder, ({ length }) => length === 1)).toEqual([1]);
});

test("resolves when the value comes to satisfy the condition", async () => {
  const recorder = createRecorder<number>();
  const three = until(recorder, ({ length }) => length === 3);
  for (const item of [1, 2, 3, 4]) recorder.add(item);
  await three;
  expect(recorder.items).toEqual([1, 2, 3, 4]);
});

test("rejects with the last value when nothing satisfies the condition", async () => {
  vi.useFakeTimers();
  try {
    const recorder = createRecorder<string>();
    recorder.add("one");
    const two = expect(until(recorder, ({ length }) => length === 2, "two items")).rejects.toThrow(
      "never came: two items; the last value was [ 'one' ]",
    );
    vi.advanceTimersByTime(4_000);
    await two;
  } finally {
    vi.useRealTimers();
  }
});
