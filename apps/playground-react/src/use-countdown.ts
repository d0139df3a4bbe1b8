import { COUNTDOWN_STEP_MS } from "playground-shared/steps";
import { useNow } from "./use-now.ts";

/** Milliseconds left until `time` (ms since 1970), counting down; `null` without a time. */
export function useCountdown(time: number | null): number | null {
  const now = useNow(time === null ? null : COUNTDOWN_STEP_MS);
  return time === null ? null : Math.max(0, time - now);
}
