import type { Environment } from "../environment.ts";

/** How often a wait looks at the clock, unless it is one of minutes. */
export const LOOK_MS = 1_000;

/**
 * Calls back at a moment of the clock (ms since 1970); the returned function cancels.
 *
 * A timer stands still while a machine sleeps. So a long wait is made of short ones, and what fell due during sleep happens
 * soon after waking, once. Where the clock is set back, the timers count.
 */
export function waitUntil(at: number, run: () => void, { now, setTimer }: Pick<Environment, "now" | "setTimer">) {
  let cancel: () => void;
  const wait = (rest: number) => {
    const step = Math.min(rest, Math.max(LOOK_MS, rest / 100));
    cancel = setTimer(() => (rest > step && now() < at ? wait(Math.min(rest - step, at - now())) : run()), step);
  };
  wait(at - now());
  return () => cancel();
}
