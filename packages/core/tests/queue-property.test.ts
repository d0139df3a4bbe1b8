import fc from "fast-check";
import { expect, test } from "vitest";
import type { QueueHandler, QueueOptions, QueuePart } from "../src/queue/queue.ts";
import { createTestQueue, settle } from "./support/test-queue.ts";

/** What a message asks of the handler. */
const kinds = ["wait", "wait", "done", "throw", "retry"] as const;
type Step =
  | { do: "send"; messages: { key: string; kind: (typeof kinds)[number] }[] }
  | { do: "end"; pick: number; fails: boolean }
  | { do: "connection"; offline: boolean; paused: boolean }
  | { do: "pause" | "resume" | "retryFailed" | "close" }
  | { do: "clear"; parts: QueuePart[] }
  | { do: "advance"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      messages: fc.array(fc.record({ key: fc.constantFrom("x", "y", "z"), kind: fc.constantFrom(...kinds) }), {
        maxLength: 6,
      }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("end" as const), pick: fc.nat(5), fails: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("connection" as const), offline: fc.boolean(), paused: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("pause", "resume", "resume", "retryFailed", "retryFailed") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("clear" as const),
      parts: fc.subarray<QueuePart>(["processed", "unprocessed", "failed", "dropped"]),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.constantFrom(0, 500, 2_000, 400_000) }),
  },
) as fc.Arbitrary<Step>;

const options: fc.Arbitrary<QueueOptions<string>> = fc.record({
  concurrency: fc.integer({ min: 1, max: 3 }),
  limit: fc.integer({ min: 1, max: 5 }),
  retries: fc.integer({ min: 0, max: 2 }),
  overflow: fc.constantFrom("drop-oldest", "drop-newest", "coalesce"),
  processedMs: fc.constantFrom(null, 0, 1_000, 300_000),
});

// SPEC 100
test("whatever happens, every message is in one state, in order, bounded, and none is begun while held or closed", async () => {
  await fc.assert(
    fc.asyncProperty(options, fc.array(step, { maxLength: 40 }), fc.boolean(), async (options, steps, closes) => {
      const { concurrency = 1, limit = 1 } = options;
      let isPaused = false;
      let connection = { offline: false, paused: false };
      let isClosed = false;
      let received = 0;
      let cleared = 0;
      const attempts = new Map<number, number>();
      const firsts: number[] = [];
      const wrong: string[] = [];
      const open = new Map<number, { end(fails: boolean): void; signal: AbortSignal }>();
      const isHeld = () => isPaused || connection.offline || connection.paused;

      const handler: QueueHandler<string> = ({ data }, { attempt, signal }) => {
        const [id = 0, kind] = [Number(data.split(":")[1]), data.split(":")[2]];
        // Collected, as what a handler throws is the queue's to keep.
        if (isHeld() || isClosed || open.has(id) || attempt !== (attempts.get(id) ?? 0) + 1) wrong.push(data);
        attempts.set(id, attempt);
        if (attempt === 1) firsts.push(id);
        if (kind === "throw") throw data;
        if (kind === "retry") queue.retryFailed();
        if (kind !== "wait") return;
        return new Promise<void>((resolve, reject) => {
          const end = (fails: boolean) => {
            open.delete(id);
            if (fails) reject(data);
            else resolve();
          };
          open.set(id, { end, signal });
        });
      };
      const test = createTestQueue(options, { handler, key: (data) => data.charAt(0) });
      const { queue, environment } = test;

      const check = () => {
        environment.flush();
        const state = queue.state.get();
        expect(wrong).toEqual([]);
        const { running, retrying, waiting, failed, processed } = state.entries;
        expect(state.processed + state.unprocessed + state.failed + state.dropped).toBe(received - cleared);
        expect(state.unprocessed).toBe(running.length + retrying.length + waiting.length);
        expect(state.failed).toBe(failed.length);
        expect(processed.length).toBeLessThanOrEqual(Math.min(state.processed, limit));
        const ids = [running, retrying, waiting, failed, processed].flat().map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { id, attempts: shown, message } of [running, retrying, waiting, failed, processed].flat()) {
          expect(message.data.split(":")[1]).toBe(`${id}`);
          expect(shown).toBe(attempts.get(id) ?? 0);
        }
        // What a newer message has replaced is not tried again.
        const keys = [retrying, waiting, failed].flat().map(({ message }) => message.data.charAt(0));
        if (options.overflow === "coalesce") expect(new Set(keys).size).toBe(keys.length);
        const order = waiting.map(({ id }) => id);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
        expect(failed.length).toBeLessThanOrEqual(limit);
        expect(waiting.length).toBeLessThanOrEqual(limit + (isClosed ? concurrency : 0));
        expect(running.length + retrying.length).toBeLessThanOrEqual(isClosed ? 0 : concurrency);
        expect(state.isHeld).toBe(isHeld() && !isClosed);
        // Nothing waits that could be worked on.
        if (!isHeld() && running.length + retrying.length < concurrency && !isClosed) expect(waiting).toEqual([]);
        const isDue = (retrying.length > 0 && !isHeld()) || (processed.length > 0 && options.processedMs !== null);
        expect(environment.leaks()).toEqual({ timers: isDue && !isClosed ? 1 : 0, flushes: 0, listeners: 0 });
        for (const { signal } of open.values()) expect(signal.aborted).toBe(isClosed);
      };

      const run: { [Name in Step["do"]]: (step: Extract<Step, { do: Name }>) => void } = {
        send({ messages }) {
          for (const { key, kind } of messages) {
            if (!isClosed) received++;
            test.send(`${key}:${received}:${kind}`);
          }
        },
        end({ pick, fails }) {
          [...open.values()].at(pick % (open.size || 1))?.end(fails);
        },
        connection({ offline, paused }) {
          connection = { offline, paused };
          test.connection({ offline, pausedBy: paused ? ["user"] : [] });
        },
        pause() {
          isPaused = true;
          queue.pause();
        },
        resume() {
          isPaused = false;
          queue.resume();
        },
        retryFailed() {
          const { failed } = queue.state.get();
          expect(queue.retryFailed()).toBeLessThanOrEqual(failed);
        },
        clear({ parts }) {
          const before = queue.state.get();
          const meant = parts.length > 0 ? parts : (["processed", "unprocessed", "failed", "dropped"] as const);
          for (const part of meant)
            cleared += before[part] - (part === "unprocessed" ? before.entries.running.length : 0);
          queue.clear(...parts);
        },
        close() {
          isClosed = true;
          queue.close();
        },
        advance: ({ ms }) => environment.clock.advance(ms),
      };
      for (const step of steps) {
        run[step.do](step as never);
        await settle();
        check();
      }
      if (!closes) return;
      queue.close();
      isClosed = true;
      check();
      for (const step of steps) {
        run[step.do](step as never);
        await settle();
        check();
      }
    }),
    { numRuns: 300 },
  );
});
