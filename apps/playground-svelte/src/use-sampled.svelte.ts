import { SAMPLE_MS } from "playground-shared/steps";
import { useInterval } from "./use-interval.svelte.ts";

/** The value as it was at most a quarter of a second ago: figures that change with every frame cannot be read. */
export function useSampled<T>(get: () => T): { readonly current: T } {
  let value = $state.raw(get());
  useInterval(
    () => {
      value = get();
    },
    () => SAMPLE_MS,
  );
  return {
    get current() {
      return value;
    },
  };
}
