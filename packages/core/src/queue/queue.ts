import type { SSEChannel, SSEMessage } from "../channels/channel.ts";
import { createDefaultEnvironment, shield } from "../environment.ts";
import { createBatch } from "../store/batch.ts";
import { endAll, endWith } from "../store/listeners.ts";
import { createCell, type Readable } from "../store/readable.ts";
import { createAlarm } from "./alarm.ts";
import { createHold } from "./hold.ts";
import { createLedger } from "./ledger.ts";
import type { Job } from "./line.ts";
import type { QueueHandler } from "./queue-handler.ts";
import { checkQueueOptions, type QueueOptions, queueDefaults } from "./queue-options.ts";
import type { QueuePart, QueueState } from "./queue-state.ts";

export type { HoldContext } from "./hold.ts";
export type { QueueContext, QueueHandler } from "./queue-handler.ts";
export type { QueueOptions } from "./queue-options.ts";
export type { QueueEntries, QueueEntry, QueuePart, QueueState } from "./queue-state.ts";

/** Messages on their way through a handler that may fail. All members are bound. */
export interface Queue<Data> {
  /** Counts and messages as one immutable snapshot, replaced at most once per frame. Subscribing only observes. */
  readonly state: Readable<QueueState<Data>>;
  /**
   * Puts failed messages back in front of those that wait, in the order they came. What finds no room stays failed.
   * Without effect once closed.
   *
   * @returns how many were put back
   */
  retryFailed(): number;
  /**
   * Forgets messages and sets their counts to 0; all four without arguments. A handler under way goes on and its message
   * stays counted.
   */
  clear(...parts: QueuePart[]): void;
  /** Starts no handler until `resume()`. What is under way goes on, and messages are collected. */
  pause(): void;
  /** Ends `pause()`; whatever else holds the queue still does. */
  resume(): void;
  /**
   * Ends it for good: aborts what is under way, starts nothing any more, lets go of the connection, leaves no timer. The
   * state stays to be read; what was under way is unprocessed in it.
   */
  close(): void;
}

/** No automatic retry waits longer, unless `retryMs` itself is longer. */
const MAX_RETRY_MS = 30_000;
/** Processed messages are removed together: one timer a second at most, not one for each. */
const SWEEP_MS = 1_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Works through a channel's messages with a handler that may fail: one after another, in order. It collects while the
 * connection is paused or the browser offline, keeps what failed to be tried again, and keeps the connection open until
 * it is closed.
 *
 * At least once, within the life of the page: a message received is given to the handler, and again after a failure where
 * asked to, until it succeeds, is dropped or cleared, or the queue is closed; the state tells which. Nothing survives a
 * reload. The handler may see a message again after having done half of its work, so let that do no harm.
 *
 * @throws SSEError `invalid-option`
 * @example
 * const queue = createQueue(client.channel("orders"), ({ data }, { signal }) => save(data, signal), { retries: 3 });
 * queue.state.subscribe(() => console.log(queue.state.get().failed));
 */
export function createQueue<Data>(
  channel: SSEChannel<Data>,
  handler: QueueHandler<Data>,
  options: QueueOptions<Data> = {},
): Queue<Data> {
  checkQueueOptions(channel, options);
  const {
    concurrency = queueDefaults.concurrency,
    retries = queueDefaults.retries,
    retryMs = queueDefaults.retryMs,
    limit = queueDefaults.limit,
    overflow = queueDefaults.overflow,
    processedMs = queueDefaults.processedMs,
    holdWhile,
    onError,
    signal,
  } = options;
  const environment = { ...createDefaultEnvironment(), ...options.environment };
  const { now, random } = environment;
  const ledger = createLedger<Data>(limit, overflow, retries, overflow === "coalesce" ? channel.keyOf : undefined);
  const { retrying, processed } = ledger;
  const hold = createHold(channel.status, holdWhile, environment);
  let isPaused = false;
  let isHeld = false;
  let isClosed = !!signal?.aborted;
  let isPumping = false;
  let sweepAt = NEVER;

  const describe = () => ledger.describe(isHeld && !isClosed);
  const state = createCell(describe());
  const touch = createBatch(environment.requestFlush)(() => state.stage(describe()));

  /** What may be begun now. */
  const next = (): Job<Data> | undefined => {
    if (isClosed) return;
    const wasHeld = isHeld;
    isHeld = isPaused || hold.isOn();
    if (isHeld !== wasHeld) touch();
    // Whoever was asked may have closed it.
    if (isHeld || isClosed) return;
    for (const job of retrying.jobs()) if (job.entry.nextAttemptAt! <= now()) return job;
    return ledger.begun < concurrency ? ledger.take() : undefined;
  };
  const pump = () => {
    // Called from within a handler: the loop that has called it finds what has changed.
    if (isPumping) return;
    isPumping = true;
    for (let job = next(); job; job = next()) start(job);
    isPumping = false;
    arm();
  };
  const arm = () => {
    let at = sweepAt;
    // What falls due while held is begun when the hold ends, without a timer.
    if (!isHeld) for (const { entry } of retrying.jobs()) at = Math.min(at, entry.nextAttemptAt!);
    setAlarm(isClosed ? NEVER : at);
  };
  const setAlarm = createAlarm(() => {
    sweep();
    pump();
  }, environment);

  const start = (job: Job<Data>) => {
    const controller = new AbortController();
    ledger.begin(job, controller);
    touch();
    const { message, attempts } = job.entry;
    let result: void | Promise<void>;
    try {
      result = handler(message, { signal: controller.signal, attempt: attempts });
    } catch (error) {
      return fail(job, error);
    }
    // A handler that is done at once is done at once: no burst piles up in front of it.
    if (typeof result?.then !== "function") return succeed(job);
    void Promise.resolve(result).then(
      () => succeed(job),
      (error) => fail(job, error),
    );
  };
  const succeed = (job: Job<Data>) => {
    if (!ledger.succeed(job, now())) return;
    if (processedMs === 0) processed.reset();
    else if (sweepAt === NEVER) planSweep();
    touch();
    pump();
  };
  const fail = (job: Job<Data>, error: unknown) => {
    const wait = Math.min(retryMs * 2 ** Math.min(retries - job.retries, 30), Math.max(retryMs, MAX_RETRY_MS));
    if (!ledger.fail(job, error, now(), now() + wait * (1 - random() / 2))) return;
    touch();
    shield(() => onError?.(error, job.entry));
    pump();
  };

  const planSweep = () => {
    const [oldest] = processed.jobs();
    sweepAt = oldest && processedMs !== null ? oldest.entry.settledAt! + processedMs + SWEEP_MS : NEVER;
  };
  const sweep = () => {
    if (now() < sweepAt) return;
    for (const job of processed.jobs()) {
      if (job.entry.settledAt! + processedMs! > now()) break;
      processed.delete(job);
      touch();
    }
    planSweep();
  };

  const receive = (message: SSEMessage<Data>) => {
    const job = ledger.add(message);
    touch();
    pump();
    if (!isClosed) ledger.makeRoom(job);
  };
  const shut = () => {
    if (isClosed) return;
    isClosed = true;
    const interrupted = ledger.interrupt();
    arm();
    touch();
    // Last, as whoever listens may call back.
    for (const { controller } of interrupted) controller?.abort();
  };
  const close = endWith(signal, () => endAll(channel.on(receive), hold.watch(pump), shut));
  pump();

  return {
    state,
    retryFailed() {
      const count = isClosed ? 0 : ledger.retryFailed();
      if (count > 0) touch();
      pump();
      return count;
    },
    clear(...parts) {
      ledger.clear(parts);
      planSweep();
      touch();
      pump();
    },
    pause() {
      isPaused = true;
      pump();
    },
    resume() {
      isPaused = false;
      pump();
    },
    close,
  };
}
