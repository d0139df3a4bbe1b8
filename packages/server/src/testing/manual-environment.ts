import type { CompleteEnvironment } from "../environment.ts";
import { turn } from "./turn.ts";

/** Time, ticks and chance that a test decides about. What to pass to `createHub` as `environment`. */
export interface ManualEnvironment extends CompleteEnvironment {
  /** Runs what waits for the end of the tick, which is when streams are written, and what that defers in turn. */
  endTick(): void;
  /**
   * Lets `ms` pass: runs the timers that fall due in order, each at its moment, and settles before, between and after them.
   * `advance(0)` runs what is due already. What a timer throws rejects it, with time left at that timer.
   */
  advance(ms: number): Promise<void>;
  /**
   * The same within the call, for code that waits for no promises: it only ends ticks. A test client cannot read meanwhile, so
   * for the hub it is a peer that takes nothing.
   */
  advanceSync(ms: number): void;
  /** Ends ticks and lets promise chains run until nothing is left to happen without time passing. */
  settle(): Promise<void>;
  /** Sets the wall clock forward or back; nothing else notices. */
  setClock(byMs: number): void;
  /** Timers that are set and calls that wait for the end of the tick; 0 once everything has been cleaned up. */
  readonly pending: number;
  /** Most timers that were set at once. */
  readonly maxTimers: number;
}

/** Options of {@link createManualEnvironment}. */
export interface ManualEnvironmentOptions {
  /** The wall clock's first value, in milliseconds since 1970. @default 1 January 2026, 0:00 UTC */
  readonly startDate?: number | undefined;
  /** Selects the sequence of random numbers. @default 1 */
  readonly seed?: number | undefined;
  /** Gives the random numbers, from 0 to below 1. @default the sequence that `seed` selects */
  readonly random?: (() => number) | undefined;
}

/** Whoever sets a timer of no delay in each timer would hang the test instead of failing it. */
const MOST_PER_MOMENT = 10_000;

const QUIET_TURNS = 4;

/**
 * Makes an environment for tests that must not wait: time moves only when it is told to, and ids are `conn-1`, `conn-2` and
 * so on.
 *
 * @example
 * const environment = createManualEnvironment();
 * const hub = createHub({ environment, heartbeatMs: 15_000 });
 * await environment.advance(60_000); // a minute of heartbeats, at once
 */
export function createManualEnvironment(options: ManualEnvironmentOptions = {}): ManualEnvironment {
  const { startDate = Date.UTC(2026, 0, 1), seed = 1, random = createRandom(seed) } = options;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const deferred = new Set<() => void>();
  let now = 0;
  let clockStart = startDate;
  let ids = 0;
  let maxTimers = 0;

  function endTick() {
    let ran = 0;
    for (const run of deferred) {
      deferred.delete(run);
      if (++ran > MOST_PER_MOMENT) throw new Error(`${ran} calls were deferred in one tick: one defers the next.`);
      run();
    }
  }

  function nextTimer(until: number) {
    let next: { readonly at: number; readonly run: () => void } | undefined;
    // Of equal ones the first set stays first: a Set keeps that order.
    for (const timer of timers) if (timer.at <= until && (!next || timer.at < next.at)) next = timer;
    return next;
  }

  async function settle() {
    // What a chain of promises publishes or answers shows only after a turn, and the chain may itself wait for some.
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      if (deferred.size > 0) quiet = 0;
      endTick();
      await turn();
    }
  }

  function* stepsOf(ms: number) {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY))
      throw new RangeError(`Time cannot move by ${ms} ms. Pass a number from 0 on.`);
    let ran = 0;
    yield endTick;
    // Not before: that can have moved the time itself.
    const end = now + ms;
    for (let timer = nextTimer(end); timer; timer = nextTimer(end)) {
      const { at, run } = timer;
      ran = at > now ? 1 : ran + 1;
      if (ran > MOST_PER_MOMENT) throw new Error(`${ran} timers ran at ${now}: one sets the next, without delay.`);
      timers.delete(timer);
      now = Math.max(now, at);
      yield () => {
        run();
        endTick();
      };
    }
    now = end;
  }

  return {
    now: () => now,
    date: () => clockStart + now,
    random,
    randomId: () => `conn-${++ids}`,
    setTimer(run, ms) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      maxTimers = Math.max(maxTimers, timers.size);
      return () => timers.delete(timer);
    },
    defer(run) {
      const own = () => run();
      deferred.add(own);
      return () => deferred.delete(own);
    },
    endTick,
    async advance(ms) {
      for (const step of stepsOf(ms)) {
        step();
        await settle();
      }
    },
    advanceSync(ms) {
      for (const step of stepsOf(ms)) step();
    },
    settle,
    setClock(byMs) {
      clockStart += byMs;
    },
    get pending() {
      return timers.size + deferred.size;
    },
    get maxTimers() {
      return maxTimers;
    },
  };
}

/** A linear congruential generator: the same numbers everywhere, and good enough to spread delays. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
