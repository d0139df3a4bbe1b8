/** Time that moves only when a test says so. */
export interface ManualClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, `delayMs` from now; the returned function cancels. */
  setTimer(callback: () => void, delayMs: number): () => void;
  /**
   * Lets `ms` pass: runs the timers that fall due, in order, and lets promise chains settle between them. `advance(0)`
   * runs what is due already. What a timer throws rejects it, with time left at that timer.
   */
  advance(ms: number): Promise<void>;
  /** Lets `ms` pass as on a machine that is suspended: nothing runs, so timers become late. */
  sleep(ms: number): void;
  /** Timers that are set. */
  readonly pending: number;
  /** Milliseconds until the next timer, 0 if it is late, `null` if none is set. */
  readonly dueIn: number | null;
}

/** Options of {@link createManualClock}. */
export interface ManualClockOptions {
  /** The first value of `now()`. @default 0 */
  readonly start?: number | undefined;
}

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** A longer delay fires at once, as with `setTimeout`. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** Whoever sets a timer of no delay in each timer would hang the test instead of failing it. */
const MOST_TIMERS_PER_MOMENT = 10_000;

/**
 * Makes a clock for tests that must not wait.
 *
 * @example
 * const clock = createManualClock();
 * clock.setTimer(() => console.log(clock.now()), 50);
 * await clock.advance(100); // logs 50
 */
export function createManualClock({ start = 0 }: ManualClockOptions = {}): ManualClock {
  const settle = createSettle();
  const timers = new Set<Timer>();
  let time = start;

  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    // Of equal ones the first set stays first: a Set keeps that order.
    for (const timer of timers) if (!first || timer.due < first.due) first = timer;
    return first;
  };
  const after = (ms: number) => {
    if (ms >= 0 && ms < Number.POSITIVE_INFINITY) return time + ms;
    throw new RangeError(`Time cannot move by ${ms} ms. Pass a number from 0 on.`);
  };

  return {
    now: () => time,
    setTimer(callback, delayMs) {
      const timer = { due: time + (delayMs > 0 && delayMs <= LONGEST_DELAY_MS ? delayMs : 0), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const target = after(ms);
      await settle();
      let ran = 0;
      for (let timer = next(); timer && timer.due <= target; timer = next()) {
        ran = timer.due > time ? 1 : ran + 1;
        if (ran > MOST_TIMERS_PER_MOMENT)
          throw new Error(`${ran} timers ran at ${time}: one sets the next, without delay.`);
        timers.delete(timer);
        time = Math.max(time, timer.due);
        timer.callback();
        await settle();
      }
      time = Math.max(time, target);
    },
    sleep(ms) {
      time = after(ms);
    },
    get pending() {
      return timers.size;
    },
    get dueIn() {
      const timer = next();
      return timer ? Math.max(0, timer.due - time) : null;
    },
  };
}

/**
 * Returns what lets all promise chains run to their end. A message to oneself does it everywhere, and no test framework
 * replaces it when it replaces the timers.
 */
function createSettle(): () => Promise<void> {
  const { MessageChannel, setTimeout }: Partial<typeof globalThis> = globalThis;
  const turn = () =>
    new Promise<void>((resolve) => {
      if (!MessageChannel) return void setTimeout!(resolve, 0);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        // An open port keeps Node.js running.
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
  // A chain may itself wait for one turn.
  return () => turn().then(turn);
}
