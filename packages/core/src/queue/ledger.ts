import type { SSEMessage } from "../channels/channel.ts";
import type { Overflow } from "../channels/history.ts";
import { shield } from "../environment.ts";
import { createLine, type Job, type Line } from "./line.ts";
import type { QueueEntry, QueuePart, QueueState } from "./queue-state.ts";

/** Knows where every message of a queue is: in one line at a time, or counted as dropped. It has no clock. */
export interface Ledger<Data> {
  readonly retrying: Line<Data>;
  readonly processed: Line<Data>;
  /** How many are begun and not settled. */
  readonly begun: number;
  /** Puts a message at the end of those that wait, whether or not there is room; see `makeRoom`. */
  add(message: SSEMessage<Data>): Job<Data>;
  /** Takes out one of those that wait if there are too many since this one came. */
  makeRoom(newest: Job<Data>): void;
  /** The next one that waits and has not been begun. */
  take(): Job<Data> | undefined;
  begin(job: Job<Data>, controller: AbortController): void;
  /** @returns false for a job that is not under way any more, as after `interrupt` */
  succeed(job: Job<Data>, at: number): boolean;
  /** @param retryAt - when it is tried again, if it may be; else it has failed. Returns as `succeed` does */
  fail(job: Job<Data>, error: unknown, at: number, retryAt: number): boolean;
  retryFailed(): number;
  clear(parts: readonly QueuePart[]): void;
  /** Puts back what has been begun. @returns what was under way */
  interrupt(): readonly Job<Data>[];
  describe(isHeld: boolean): QueueState<Data>;
}

/** @param keyOf - what a newer message replaces, see `coalesce` */
export function createLedger<Data>(
  limit: number,
  overflow: Overflow,
  retries: number,
  keyOf: ((message: SSEMessage<Data>) => string) | undefined,
): Ledger<Data> {
  const running = createLine<Data>(toId);
  const retrying = createLine<Data>(toId);
  const waiting = createLine<Data>(toKey);
  const failed = createLine<Data>(toKey);
  const processed = createLine<Data>(toId);
  let received = 0;
  let succeeded = 0;
  let dropped = 0;

  /** Takes out what a newer message of the same key replaces. */
  const supersede = (newer: Job<Data>) => {
    if (waiting.delete(newer)) dropped++;
    if (failed.delete(newer)) dropped++;
    for (const job of retrying.jobs()) if (job.key === newer.key && retrying.delete(job)) dropped++;
    for (const job of running.jobs()) job.isStale ||= job.key === newer.key;
  };
  /** @returns false for a job that is not under way any more */
  const settle = (job: Job<Data>, values: Partial<QueueEntry<Data>>) => {
    if (!running.delete(job)) return false;
    // What listens to its signal is not kept as long as the message.
    job.controller = null;
    change(job, values);
    return true;
  };
  const putBack = (jobs: readonly Job<Data>[]) =>
    waiting.reset([...jobs, ...waiting.jobs()].sort((a, b) => a.entry.id - b.entry.id));

  return {
    retrying,
    processed,
    get begun() {
      return running.size + retrying.size;
    },
    add(message) {
      const id = ++received;
      const key = (keyOf && shield(() => keyOf(message))) ?? id;
      const entry = { id, message, attempts: 0, error: undefined, nextAttemptAt: null, settledAt: null };
      const job: Job<Data> = { key, entry, retries, isStale: false, controller: null };
      if (keyOf) supersede(job);
      waiting.add(job);
      return job;
    },
    makeRoom(newest) {
      if (waiting.size <= limit) return;
      if (overflow === "drop-newest") waiting.delete(newest);
      else waiting.take();
      dropped++;
    },
    take: waiting.take,
    begin(job, controller) {
      retrying.delete(job);
      job.controller = controller;
      change(job, { attempts: job.entry.attempts + 1, nextAttemptAt: null });
      running.add(job);
    },
    succeed(job, at) {
      if (!settle(job, { error: undefined, settledAt: at })) return false;
      succeeded++;
      processed.add(job);
      if (processed.size > limit) processed.take();
      return true;
    },
    fail(job, error, at, retryAt) {
      const isRetried = job.retries > 0 && !job.isStale;
      if (!settle(job, isRetried ? { error, nextAttemptAt: retryAt } : { error, settledAt: at })) return false;
      if (isRetried) {
        job.retries--;
        retrying.add(job);
      } else if (job.isStale) dropped++;
      else failed.add(job);
      if (failed.size > limit && failed.take()) dropped++;
      return true;
    },
    retryFailed() {
      const room = Math.max(0, limit - waiting.size);
      const jobs = [...failed.jobs()].sort((a, b) => a.entry.id - b.entry.id).slice(0, room);
      for (const job of jobs) {
        failed.delete(job);
        job.retries = retries;
        change(job, { settledAt: null });
      }
      putBack(jobs);
      return jobs.length;
    },
    clear(parts) {
      const isMeant = (part: QueuePart) => parts.length === 0 || parts.includes(part);
      if (isMeant("processed")) {
        succeeded = 0;
        processed.reset();
      }
      if (isMeant("unprocessed")) {
        waiting.reset();
        retrying.reset();
      }
      if (isMeant("failed")) failed.reset();
      if (isMeant("dropped")) dropped = 0;
    },
    interrupt() {
      const interrupted = [...running.jobs()];
      const unfinished = interrupted.filter(({ isStale }) => !isStale);
      dropped += interrupted.length - unfinished.length;
      for (const job of retrying.jobs()) change(job, { nextAttemptAt: null });
      putBack([...unfinished, ...retrying.jobs()]);
      running.reset();
      retrying.reset();
      return interrupted;
    },
    describe: (isHeld) => ({
      processed: succeeded,
      unprocessed: running.size + retrying.size + waiting.size,
      failed: failed.size,
      dropped,
      isHeld,
      entries: {
        running: running.entries(),
        retrying: retrying.entries(),
        waiting: waiting.entries(),
        failed: failed.entries(),
        processed: processed.entries(),
      },
    }),
  };
}

const toId = ({ entry }: Job<unknown>) => entry.id;
const toKey = ({ key }: Job<unknown>) => key;

function change<Data>(job: Job<Data>, values: Partial<QueueEntry<Data>>): void {
  job.entry = { ...job.entry, ...values };
}
