import { useInterval } from "./use-interval.svelte.ts";

/** The time (ms since 1970), brought up to date every so many milliseconds; `null` stops it. */
export function useNow(everyMs: () => number | null): { readonly current: number } {
  let now = $state(Date.now());
  useInterval(() => {
    now = Date.now();
  }, everyMs);
  return {
    get current() {
      return now;
    },
  };
}
