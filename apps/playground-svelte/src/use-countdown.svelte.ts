import { COUNTDOWN_STEP_MS } from "playground-shared/steps";
import { useNow } from "./use-now.svelte.ts";

/** Milliseconds left until `time` (ms since 1970), counting down; `null` without a time. */
export function useCountdown(time: () => number | null): { readonly current: number | null } {
  const now = useNow(() => (time() === null ? null : COUNTDOWN_STEP_MS));
  return {
    get current() {
      const end = time();
      return end === null ? null : Math.max(0, end - now.current);
    },
  };
}
