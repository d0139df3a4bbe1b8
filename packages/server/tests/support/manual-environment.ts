import type { Environment } from "../../src/environment.ts";

/** A platform whose time moves only when told to. */
export interface ManualEnvironment extends Environment {
  /** Runs what was deferred, and what that defers. */
  endTick(): void;
  /** Moves the clock, running timers at their moments and ending the tick after each. */
  advance(ms: number): void;
  /** Sets the wall clock forward or back; nothing else notices. */
  setClock(byMs: number): void;
  /** Timers and deferred calls that have not run. */
  readonly pending: number;
  /** Most timers that were pending at once. */
  readonly maxTimers: number;
}

/** The date at which manual time begins. */
export const START_DATE = Date.UTC(2026, 0, 1);

export function createManualEnvironment(random: () => number = () => 0.5): ManualEnvironment {
  let now = 0;
  let epoch = START_DATE;
  let ids = 0;
  let maxTimers = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const deferred = new Set<() => void>();

  function endTick() {
    for (const run of deferred) {
      deferred.delete(run);
      run();
    }
  }

  return {
    now: () => now,
    date: () => epoch + now,
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
    setClock(byMs) {
      epoch += byMs;
    },
    endTick,
    advance(ms) {
      endTick();
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers.delete(due);
        now = due.at;
        due.run();
        endTick();
      }
      now = end;
    },
    get pending() {
      return timers.size + deferred.size;
    },
    get maxTimers() {
      return maxTimers;
    },
  };
}
