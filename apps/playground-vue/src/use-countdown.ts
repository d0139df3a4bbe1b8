import { COUNTDOWN_STEP_MS } from "playground-shared/steps";
import { type ComputedRef, computed, type MaybeRefOrGetter, toValue } from "vue";
import { useNow } from "./use-now.ts";

/** Milliseconds left until `time` (ms since 1970), counting down; `null` without a time. */
export function useCountdown(time: MaybeRefOrGetter<number | null>): ComputedRef<number | null> {
  const now = useNow(() => (toValue(time) === null ? null : COUNTDOWN_STEP_MS));
  return computed(() => {
    const end = toValue(time);
    return end === null ? null : Math.max(0, end - now.value);
  });
}
