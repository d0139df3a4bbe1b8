/** Time that moves only when a test says so. */
export interface ManualClock {
  /** The current time in milliseconds. */
  now(): number;
  /**
   * Runs `callback` once, `delayMs` from now. A delay that is negative or not a number counts as 0, and one above
   * 2³¹−1 fires at once, as with `setTimeout`.
   *
   * @returns A function that cancels the timer; harmless afterwards.
   */
  setTimer(callback: () => void, delayMs: number): () => void;
  /**
   * Moves time forward by `ms` and runs every timer that falls due, in time order, including those set on the way.
   * `now()` is each timer's due time while it runs. Passes on what a timer throws, with time left at that timer.
   */
  advance(ms: number): void;
  /** Like `advance`, but lets promise chains settle before the first timer and after each one. */
  advanceAsync(ms: number): Promise<void>;
  /** Moves time forward by `ms` without running anything, as a suspended machine does: due timers become late. */
  sleep(ms: number): void;
  /** How many timers are set. */
  readonly pending: number;
  /** Milliseconds until the next timer, 0 when it is late, `null` when there is none. */
  nextDueIn(): number | null;
}

/** Options of {@link createManualClock}. */
export interface ManualClockOptions {
  /**
   * The first value of `now()`, in milliseconds.
   * @default 0
   */
  start?: number;
}

interface Timer {
  due: number;
  callback: () => void;
}

const longestDelayMs = 2 ** 31 - 1;

// Without a bound, a timer that re-arms itself with delay 0 hangs the test run instead of failing one test.
const mostTimersPerAdvance = 100_000;

// Taken at import, so that a test which replaces the global timers does not stop this clock.
const afterMacrotask = globalThis.setImmediate;

// Two turns, so that a chain that itself waits for one is through.
const settle = (): Promise<void> => new Promise((resolve) => afterMacrotask(() => afterMacrotask(() => resolve())));

/**
 * Creates a clock for tests that must not wait.
 *
 * @example
 * const clock = createManualClock();
 * clock.setTimer(() => console.log(clock.now()), 50);
 * clock.advance(100); // logs 50
 */
export function createManualClock({ start = 0 }: ManualClockOptions = {}): ManualClock {
  let time = start;
  // In due order; timers with the same due time keep the order in which they were set.
  const timers: Timer[] = [];

  const targetOf = (ms: number): number => {
    if (!(ms >= 0 && Number.isFinite(ms))) throw new RangeError(`cannot move time by ${ms} ms`);
    return time + ms;
  };

  const runNext = (target: number): boolean => {
    const next = timers[0];
    if (next === undefined || next.due > target) return false;
    timers.shift();
    time = Math.max(time, next.due);
    next.callback();
    return true;
  };

  const guard = (ran: number): void => {
    if (ran > mostTimersPerAdvance) throw new Error(`more than ${mostTimersPerAdvance} timers ran in one advance`);
  };

  return {
    now: () => time,
    setTimer(callback, delayMs) {
      const delay = delayMs > 0 && delayMs <= longestDelayMs ? delayMs : 0;
      const timer: Timer = { due: time + delay, callback };
      const later = timers.findIndex((other) => other.due > timer.due);
      timers.splice(later === -1 ? timers.length : later, 0, timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index !== -1) timers.splice(index, 1);
      };
    },
    advance(ms) {
      const target = targetOf(ms);
      let ran = 0;
      while (runNext(target)) guard(++ran);
      time = Math.max(time, target);
    },
    async advanceAsync(ms) {
      const target = targetOf(ms);
      let ran = 0;
      await settle();
      while (runNext(target)) {
        guard(++ran);
        await settle();
      }
      time = Math.max(time, target);
      // A chain that ran on the last timer may look at the time only now.
      await settle();
    },
    sleep(ms) {
      time = targetOf(ms);
    },
    get pending() {
      return timers.length;
    },
    nextDueIn() {
      const next = timers[0];
      return next === undefined ? null : Math.max(0, next.due - time);
    },
  };
}
