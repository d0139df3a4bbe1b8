import { waitUntil } from "../connection/wait-until.ts";
import type { Environment } from "../environment.ts";

/**
 * One timer for many deadlines: the returned function is told the next one (ms since 1970) whenever it may have changed,
 * and `Infinity` for none.
 */
export function createAlarm(run: () => void, environment: Pick<Environment, "now" | "setTimer">): (at: number) => void {
  let setFor = Number.POSITIVE_INFINITY;
  let cancel = () => {};
  return (at) => {
    if (at === setFor) return;
    cancel();
    setFor = at;
    if (at === Number.POSITIVE_INFINITY) return;
    const ring = () => {
      setFor = Number.POSITIVE_INFINITY;
      run();
    };
    cancel = waitUntil(at, ring, environment);
  };
}
