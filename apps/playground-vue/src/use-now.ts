import { type MaybeRefOrGetter, type Ref, ref } from "vue";
import { useInterval } from "./use-interval.ts";

/** The time (ms since 1970), brought up to date every so many milliseconds; `null` stops it. */
export function useNow(everyMs: MaybeRefOrGetter<number | null>): Readonly<Ref<number>> {
  const now = ref(Date.now());
  useInterval(() => {
    now.value = Date.now();
  }, everyMs);
  return now;
}
