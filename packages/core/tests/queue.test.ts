import { createFakeEnvironment } from "test-kit/fake-environment";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as entry from "../src/queue/queue.ts";
import { createTestQueue, settle } from "./support/test-queue.ts";

const none = { processed: 0, unprocessed: 0, failed: 0, dropped: 0 };
const idle = { timers: 0, flushes: 0, listeners: 0 };
/** Just past the age at which processed messages are removed. */
const AGE_MS = 301_000;

afterEach(() => {
  vi.unstubAllGlobals();
});

test("the entry exports these names", () => {
  expect(Object.keys(entry)).toEqual(["createQueue"]);
});

// SPEC 101
describe("a handler that fails", () => {
  test("leaves its message with the very error and the attempts, and the next ones go on", async () => {
    const onError = vi.fn();
    const { queue, calls, send, counts, list, environment } = createTestQueue({ onError });
    send("a", "b");
    environment.clock.sleep(7);
    const error = { any: "thing" };
    await calls[0]?.fail(error);
    expect(calls.map(({ data }) => data)).toEqual(["a", "b"]);
    expect(counts()).toEqual({ ...none, failed: 1, unprocessed: 1 });
    expect(list("failed")).toEqual(["a"]);
    const [failed] = queue.state.get().entries.failed;
    expect(failed).toMatchObject({ id: 1, attempts: 1, nextAttemptAt: null, settledAt: 7 });
    expect(failed?.error).toBe(error);
    expect(onError).toHaveBeenCalledExactlyOnceWith(error, failed);
  });

  test("may throw instead of rejecting, and throw nothing at all", () => {
    const handler = vi.fn(({ data }: { data: string }) => {
      if (data !== "good") throw undefined;
    });
    const { send, counts } = createTestQueue({}, { handler });
    send("bad", "good");
    expect(counts()).toEqual({ ...none, failed: 1, processed: 1 });
  });

  test("harms nothing by an onError that throws", async () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const onError = () => {
      throw new Error("onError");
    };
    const { calls, send } = createTestQueue({ onError });
    send("a", "b");
    await calls[0]?.fail("x");
    expect(calls).toHaveLength(2);
    expect(reportError).toHaveBeenCalledExactlyOnceWith(new Error("onError"));
  });

  test("is tried again by retryFailed in the order of arrival, before what waits", async () => {
    const { queue, calls, send, list, counts } = createTestQueue({ concurrency: 2 });
    send("a", "b", "c", "d", "e");
    await calls[1]?.fail("x");
    await calls[0]?.fail("x");
    expect(list("failed")).toEqual(["b", "a"]);
    expect(queue.retryFailed()).toBe(2);
    expect(list("waiting")).toEqual(["a", "b", "e"]);
    expect(counts()).toEqual({ ...none, unprocessed: 5 });
    for (let index = 2; index < 7; index++) await calls[index]?.succeed();
    expect(calls.map(({ data, attempt }) => data + attempt)).toEqual(["a1", "b1", "c1", "d1", "a2", "b2", "e1"]);
    expect(counts()).toEqual({ ...none, processed: 5 });
    expect(queue.state.get().entries.processed.map(({ error }) => error)).toEqual(Array(5).fill(undefined));
    expect(queue.retryFailed()).toBe(0);
  });

  test("keeps what finds no room failed", async () => {
    const { queue, calls, send, list } = createTestQueue({ limit: 2 });
    send("a", "b", "c");
    await calls[0]?.fail("x");
    await calls[1]?.fail("x");
    send("d");
    expect(queue.retryFailed()).toBe(1);
    expect(list("waiting")).toEqual(["a", "d"]);
    expect(list("failed")).toEqual(["b"]);
  });

  test("fills no more than the limit: the one that failed longest ago is dropped", () => {
    const handler = () => {
      throw new Error("down");
    };
    const { send, list, counts } = createTestQueue({ limit: 2 }, { handler });
    send("a", "b", "c");
    expect(list("failed")).toEqual(["b", "c"]);
    expect(counts()).toEqual({ ...none, failed: 2, dropped: 1 });
  });
});

// SPEC 101, 103
describe("automatic retries", () => {
  test("keep the message's place and wait longer each time, then it has failed and the next one goes on", async () => {
    const onError = vi.fn();
    const { calls, send, counts, list, environment } = createTestQueue({ retries: 2, onError });
    send("a", "b");
    await calls[0]?.fail("first");
    expect(list("retrying")).toEqual(["a"]);
    expect(counts()).toEqual({ ...none, unprocessed: 2 });
    expect(onError).toHaveBeenLastCalledWith("first", expect.objectContaining({ nextAttemptAt: 1_000, attempts: 1 }));
    environment.clock.advance(999);
    expect(calls).toHaveLength(1);
    environment.clock.advance(1);
    expect(calls[1]).toMatchObject({ data: "a", attempt: 2 });
    await calls[1]?.fail("second");
    environment.clock.advance(1_999);
    expect(calls).toHaveLength(2);
    environment.clock.advance(1);
    await calls[2]?.fail("third");
    expect(onError).toHaveBeenLastCalledWith("third", expect.objectContaining({ nextAttemptAt: null, attempts: 3 }));
    expect(calls.map(({ data, attempt }) => data + attempt)).toEqual(["a1", "a2", "a3", "b1"]);
    expect(environment.clock.pending).toBe(0);
  });

  test("leave half of the wait to chance and end at 30 s", async () => {
    const { calls, send, environment } = createTestQueue({ retries: 100 });
    environment.setRandom(0.5);
    send("a");
    const waits: number[] = [];
    for (let attempt = 0; attempt < 40; attempt++) {
      const before = environment.now();
      await calls[attempt]?.fail("x");
      while (calls.length === attempt + 1) environment.clock.advance(environment.clock.nextDueIn() ?? 0);
      waits.push(environment.now() - before);
    }
    expect(waits.slice(0, 7)).toEqual([750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500]);
    expect(waits.at(-1)).toBe(22_500);
  });

  test("are granted again by retryFailed", async () => {
    const { queue, calls, send, environment, list } = createTestQueue({ retries: 1, retryMs: 0 });
    send("a");
    await calls[0]?.fail("x");
    environment.clock.advance(0);
    await calls[1]?.fail("x");
    queue.retryFailed();
    await calls[2]?.fail("x");
    environment.clock.advance(0);
    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    await calls[3]?.fail("x");
    expect(list("failed")).toEqual(["a"]);
  });

  test("follow each other at once where the wait is 0 and the handler fails at once", () => {
    const handler = vi.fn(() => {
      throw new Error("down");
    });
    const { send, environment, list } = createTestQueue({ retries: 3, retryMs: 0 }, { handler });
    send("a");
    environment.clock.advance(0);
    expect(handler).toHaveBeenCalledTimes(4);
    expect(list("failed")).toEqual(["a"]);
    expect(environment.clock.pending).toBe(0);
  });

  test("come also when the clock is set back at that very moment", async () => {
    let setBackMs = 0;
    const fake = createFakeEnvironment();
    const { calls, send } = createTestQueue({
      retries: 1,
      environment: { ...fake, now: () => fake.now() - setBackMs },
      holdWhile() {
        if (fake.now() > 0) setBackMs = 10_000;
        return false;
      },
    });
    send("a");
    await calls[0]?.fail("x");
    fake.clock.advance(1_000);
    expect(calls).toHaveLength(1);
    fake.clock.advance(10_000);
    expect(calls).toHaveLength(2);
  });

  test("share one timer, which cleared messages do not keep", async () => {
    const { queue, calls, send, environment, counts } = createTestQueue({ retries: 1, concurrency: 3 });
    send("a", "b", "c", "d");
    for (const call of calls.slice(0, 3)) await call.fail("x");
    expect(environment.clock.pending).toBe(1);
    queue.clear("unprocessed");
    expect(environment.clock.pending).toBe(0);
    expect(counts()).toEqual(none);
    send("e");
    expect(calls.at(-1)?.data).toBe("e");
  });
});

// SPEC 102
describe("closing", () => {
  test("aborts what is under way, starts nothing more, and leaves no timer, listener or subscription", async () => {
    const { queue, calls, send, environment, counts, list, retained } = createTestQueue({
      concurrency: 2,
      retries: 1,
      holdWhile: () => false,
    });
    send("done", "retried", "running", "later", "last");
    await calls[0]?.succeed();
    await calls[1]?.fail("x");
    expect(retained()).toBe(1);
    expect(environment.leaks()).toEqual({ timers: 1, flushes: 1, listeners: 1 });
    const [, , running] = calls;
    queue.close();
    expect(running?.signal.aborted).toBe(true);
    expect(retained()).toBe(0);
    await running?.succeed();
    send("after");
    queue.close();
    expect(queue.retryFailed()).toBe(0);
    queue.pause();
    queue.resume();
    expect(calls).toHaveLength(3);
    expect(counts()).toEqual({ ...none, processed: 1, unprocessed: 4 });
    expect(list("waiting")).toEqual(["retried", "running", "later", "last"]);
    expect(queue.state.get().isHeld).toBe(false);
    expect(queue.state.get().entries.waiting.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(environment.leaks()).toEqual(idle);
    queue.clear();
    expect(counts()).toEqual(none);
    expect(environment.leaks()).toEqual(idle);
  });

  test("leaves failed messages failed", async () => {
    const { queue, calls, send, list, counts } = createTestQueue();
    send("a");
    await calls[0]?.fail("x");
    queue.close();
    expect(queue.retryFailed()).toBe(0);
    expect(list("failed")).toEqual(["a"]);
    expect(counts()).toEqual({ ...none, failed: 1 });
  });

  test("ends a handler that never resolves, and what it rejects with afterwards is ignored", async () => {
    const onError = vi.fn();
    const { queue, calls, send, counts } = createTestQueue({ onError });
    send("a");
    queue.close();
    await calls[0]?.fail(new Error("aborted"));
    expect(onError).not.toHaveBeenCalled();
    expect(counts()).toEqual({ ...none, unprocessed: 1 });
  });

  test("happens by the signal too; one aborted already starts nothing", () => {
    const controller = new AbortController();
    const first = createTestQueue({ signal: controller.signal });
    first.send("a");
    controller.abort();
    expect(first.calls[0]?.signal.aborted).toBe(true);
    expect(first.retained()).toBe(0);
    const second = createTestQueue({ signal: controller.signal });
    second.send("a");
    second.queue.resume();
    expect(second.calls).toHaveLength(0);
    expect(second.counts()).toEqual(none);
    expect(second.environment.leaks()).toEqual(idle);
  });

  test("by the handler itself leaves its message unprocessed", () => {
    const { queue, send, counts } = createTestQueue({}, { handler: () => queue.close() });
    send("a", "b");
    expect(counts()).toEqual({ ...none, unprocessed: 1 });
  });

  test("by a handler that a new message made begin drops none of them", () => {
    let isFull = false;
    const { queue, send, list, counts } = createTestQueue(
      { limit: 1, holdWhile: () => !isFull },
      { handler: () => queue.close() },
    );
    send("a");
    isFull = true;
    send("b");
    expect(list("waiting")).toEqual(["a", "b"]);
    expect(counts()).toEqual({ ...none, unprocessed: 2 });
  });

  test("by who hears of the abort again does no harm", () => {
    const { queue, calls, send, counts } = createTestQueue();
    send("a", "b");
    calls[0]?.signal.addEventListener("abort", () => {
      queue.retryFailed();
      queue.resume();
      queue.clear("failed");
      queue.close();
    });
    queue.close();
    expect(calls).toHaveLength(1);
    expect(counts()).toEqual({ ...none, unprocessed: 2 });
  });
});

describe("a handler that calls the queue", () => {
  test("to retry what failed gets that after itself", () => {
    const order: string[] = [];
    const { queue, send, counts } = createTestQueue(
      {},
      {
        handler({ data }, { attempt }) {
          order.push(data + attempt);
          if (data === "a" && attempt === 1) throw new Error("a");
          if (data === "b") queue.retryFailed();
          order.push(`end of ${data}`);
        },
      },
    );
    send("a", "b");
    expect(order).toEqual(["a1", "b1", "end of b", "a2", "end of a"]);
    expect(counts()).toEqual({ ...none, processed: 2 });
  });

  test("to clear it is counted itself when it ends", async () => {
    const { queue, calls, send, counts } = createTestQueue();
    send("a", "b", "c");
    queue.clear();
    expect(counts()).toEqual({ ...none, unprocessed: 1 });
    await calls[0]?.succeed();
    expect(calls).toHaveLength(1);
    expect(counts()).toEqual({ ...none, processed: 1 });
  });

  test("through a message it causes gets that one after itself, whatever the concurrency", () => {
    const order: string[] = [];
    const { send } = createTestQueue(
      { concurrency: 2 },
      {
        handler({ data }) {
          order.push(data);
          if (data === "a") send("b");
          order.push(`end of ${data}`);
        },
      },
    );
    send("a");
    expect(order).toEqual(["a", "end of a", "b", "end of b"]);
  });

  test("to pause it is the last", () => {
    const { queue, send, counts } = createTestQueue({}, { handler: () => queue.pause() });
    send("a", "b");
    expect(counts()).toEqual({ ...none, processed: 1, unprocessed: 1 });
    queue.resume();
    expect(counts()).toEqual({ ...none, processed: 2 });
  });
});

// SPEC 100
describe("too many messages", () => {
  test("make the oldest that wait give way, never the one being processed", () => {
    const { calls, send, list, counts } = createTestQueue({ limit: 2 });
    send("a", "b", "c", "d");
    expect(calls.map(({ data }) => data)).toEqual(["a"]);
    expect(list("waiting")).toEqual(["c", "d"]);
    expect(counts()).toEqual({ ...none, unprocessed: 3, dropped: 1 });
  });

  test("are refused with drop-newest", () => {
    const { send, list, counts } = createTestQueue({ limit: 2, overflow: "drop-newest" });
    send("a", "b", "c", "d");
    expect(list("waiting")).toEqual(["b", "c"]);
    expect(counts()).toEqual({ ...none, unprocessed: 3, dropped: 1 });
  });

  test("do not pile up in front of a handler that is done at once, even one that returns something", () => {
    const heard: string[] = [];
    const handler = (({ data }: { data: string }) => heard.push(data)) as unknown as () => void;
    const { send, counts } = createTestQueue({ limit: 1 }, { handler });
    send("a", "b", "c");
    expect(heard).toEqual(["a", "b", "c"]);
    expect(counts()).toEqual({ ...none, processed: 3 });
  });

  test("of one key are one with coalesce: a newer one replaces what waits, has failed or is to be tried again", async () => {
    const { queue, calls, send, list, counts } = createTestQueue(
      { overflow: "coalesce", limit: 3 },
      { key: (data) => data.charAt(0) },
    );
    send("x0", "a1", "b1", "a2");
    expect(list("waiting")).toEqual(["b1", "a2"]);
    expect(counts()).toEqual({ ...none, unprocessed: 3, dropped: 1 });
    await calls[0]?.fail("x");
    send("x1");
    expect(list("failed")).toEqual([]);
    await calls[1]?.succeed();
    send("a3");
    await calls[2]?.fail("replaced while it ran");
    expect(list("failed")).toEqual([]);
    expect(counts()).toEqual({ ...none, processed: 1, unprocessed: 2, dropped: 3 });
    send("c1", "d1", "e1");
    expect(list("waiting")).toEqual(["c1", "d1", "e1"]);
    queue.close();
  });

  test("of one key replace one that waits for its retry, and give its place free", async () => {
    const { queue, calls, send, list, counts } = createTestQueue(
      { overflow: "coalesce", retries: 1 },
      { key: (data) => data.charAt(0) },
    );
    send("a1");
    await calls[0]?.fail("x");
    send("a2");
    expect(list("running")).toEqual(["a2"]);
    send("a3");
    await calls[1]?.fail("replaced while it ran, so not tried again");
    expect(list("retrying")).toEqual([]);
    expect(list("running")).toEqual(["a3"]);
    queue.close();
    expect(list("waiting")).toEqual(["a3"]);
    expect(counts()).toEqual({ ...none, unprocessed: 1, dropped: 2 });
  });

  test("lose nothing by a key that throws", () => {
    vi.stubGlobal("reportError", vi.fn());
    const key = () => {
      throw new Error("key");
    };
    const { send, list } = createTestQueue({ overflow: "coalesce" }, { key });
    send("a", "b", "c");
    expect(list("waiting")).toEqual(["b", "c"]);
  });
});

describe("the state", () => {
  test("changes once per frame and keeps its references in between, and those of lists that did not change", async () => {
    const { queue, calls, send, environment } = createTestQueue();
    const onChange = vi.fn();
    queue.state.subscribe(onChange);
    const initial = queue.state.get();
    expect(queue.state.getServer()).toBe(initial);
    send("a", "b", "c");
    await calls[0]?.fail("x");
    expect(queue.state.get()).toBe(initial);
    environment.flush();
    expect(onChange).toHaveBeenCalledOnce();
    const before = queue.state.get();
    await calls[1]?.succeed();
    environment.flush();
    const after = queue.state.get();
    expect(after).not.toBe(before);
    expect(after.entries.failed).toBe(before.entries.failed);
    expect(before).toMatchObject({ processed: 0, failed: 1, unprocessed: 2 });
    queue.retryFailed();
    expect(before.entries.failed).toHaveLength(1);
    expect(queue.state.getServer()).toBe(initial);
  });

  test("forgets the parts named by clear", async () => {
    const { queue, calls, send, counts } = createTestQueue({ limit: 1 });
    send("a", "b", "c");
    await calls[0]?.fail("x");
    await calls[1]?.succeed();
    send("d", "e", "f");
    expect(counts()).toEqual({ processed: 1, unprocessed: 2, failed: 1, dropped: 2 });
    queue.clear("failed", "dropped");
    expect(counts()).toEqual({ ...none, processed: 1, unprocessed: 2 });
    queue.clear("processed");
    expect(counts()).toEqual({ ...none, unprocessed: 2 });
    queue.clear("unprocessed");
    expect(counts()).toEqual({ ...none, unprocessed: 1 });
  });

  test("of a backlog of 20,000, worked off in one go, is computed once", () => {
    const { queue, send, counts } = createTestQueue({ limit: 20_000 }, { handler: () => {} });
    queue.pause();
    send(...Array.from({ length: 20_000 }, () => "x"));
    expect(counts()).toEqual({ ...none, unprocessed: 20_000 });
    const onChange = vi.fn();
    queue.state.subscribe(onChange);
    queue.resume();
    expect(counts()).toEqual({ ...none, processed: 20_000 });
    expect(onChange).toHaveBeenCalledOnce();
  });

  test("of a queue that works in a burst of 10,000 is computed once and holds the last ones", () => {
    const { send, environment, queue, counts } = createTestQueue({}, { handler: () => {} });
    send(...Array.from({ length: 10_000 }, (_, index) => `${index}`));
    expect(environment.leaks()).toMatchObject({ timers: 1, flushes: 1 });
    expect(counts()).toEqual({ ...none, processed: 10_000 });
    expect(queue.state.get().entries.processed).toHaveLength(1_000);
    expect(queue.state.get().entries.processed[0]?.id).toBe(9_001);
  });
});

// SPEC 103
describe("processed messages", () => {
  test("are removed after their time by one timer, counted still, and then there is none", async () => {
    const { calls, send, environment, list, counts } = createTestQueue();
    send("a", "b", "c");
    await calls[0]?.succeed();
    environment.clock.advance(500);
    await calls[1]?.succeed();
    environment.clock.advance(10_000);
    await calls[2]?.succeed();
    expect(environment.clock.pending).toBe(1);
    environment.clock.advance(AGE_MS - 10_501);
    expect(list("processed")).toEqual(["a", "b", "c"]);
    environment.clock.advance(1);
    expect(list("processed")).toEqual(["c"]);
    expect(environment.clock.pending).toBe(1);
    environment.clock.advance(AGE_MS);
    expect(list("processed")).toEqual([]);
    expect(counts()).toEqual({ ...none, processed: 3 });
    expect(environment.leaks()).toEqual(idle);
  });

  test("are gone soon after a machine that slept wakes", () => {
    const { send, environment, list } = createTestQueue({}, { handler: () => {} });
    send("a");
    environment.clock.sleep(3_600_000);
    environment.clock.advance(1_000);
    expect(list("processed")).toEqual([]);
  });

  test("are not kept with 0, and need no timer with null nor once cleared", () => {
    const handler = () => {};
    const zero = createTestQueue({ processedMs: 0 }, { handler });
    zero.send("a");
    expect(zero.counts()).toEqual({ ...none, processed: 1 });
    expect(zero.list("processed")).toEqual([]);
    expect(zero.environment.leaks()).toEqual(idle);
    const never = createTestQueue({ processedMs: null }, { handler });
    never.send("a");
    expect(never.list("processed")).toEqual(["a"]);
    expect(never.environment.leaks()).toEqual(idle);
    const cleared = createTestQueue({}, { handler });
    cleared.send("a");
    cleared.queue.clear("processed");
    cleared.environment.flush();
    expect(cleared.environment.leaks()).toEqual(idle);
  });
});

describe("options", () => {
  test.each([
    [{ concurency: 2 }, "concurency"],
    [{ concurrency: 0 }, "concurrency"],
    [{ limit: 1.5 }, "limit"],
    [{ retries: -1 }, "retries"],
    [{ retries: null }, "retries"],
    [{ processedMs: "5m" }, "processedMs"],
    [{ overflow: "oldest" }, "overflow"],
    [{ overflow: "coalesce" }, "overflow"],
  ])("%j is refused, naming the option", (options, option) => {
    expect(() => createTestQueue(options as never)).toThrow(
      expect.objectContaining({ code: "invalid-option", option, message: expect.stringContaining(option) }),
    );
  });

  test("undefined means the default", async () => {
    const { calls, send } = createTestQueue({ concurrency: undefined, limit: undefined, overflow: undefined });
    send("a", "b");
    await settle();
    expect(calls).toHaveLength(1);
  });
});
