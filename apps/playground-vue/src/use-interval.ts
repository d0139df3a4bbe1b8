import { type MaybeRefOrGetter, toValue, watch } from "vue";

/** Acts now, and then every so many milliseconds for as long as the component is there; `null` stops it. */
export function useInterval(act: () => void, everyMs: MaybeRefOrGetter<number | null>): void {
  watch(
    () => toValue(everyMs),
    (ms, _last, onCleanup) => {
      if (ms === null) return;
      act();
      const timer = setInterval(act, ms);
      onCleanup(() => clearInterval(timer));
    },
    { immediate: true },
  );
}
