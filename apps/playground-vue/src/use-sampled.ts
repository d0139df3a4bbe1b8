import type { Readable } from "@x/sse-vue";
import { SAMPLE_MS } from "playground-shared/steps";
import { type MaybeRefOrGetter, type ShallowRef, shallowRef, toValue } from "vue";
import { useInterval } from "./use-interval.ts";

/** The value as it was at most a quarter of a second ago: figures that change with every frame cannot be read. */
export function useSampled<T>(source: MaybeRefOrGetter<Pick<Readable<T>, "get">>): Readonly<ShallowRef<T>> {
  const take = () => toValue(source).get();
  const value = shallowRef(take());
  useInterval(() => {
    value.value = take();
  }, SAMPLE_MS);
  return value;
}
