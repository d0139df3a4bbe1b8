import type { Readable } from "@x/sse-core";
import { type ComputedRef, computed, type MaybeRefOrGetter, shallowRef, toValue, watchEffect } from "vue";
import { usePresence } from "./use-presence.ts";

/**
 * The current value of any part of a client: `useReadable(client.stats)`,
 * `useReadable(client.channel("quotes").state)`. Reading a part of a channel keeps the connection open while the component
 * is on the page; outside of components, until the effect scope around ends.
 */
export function useReadable<T>(source: MaybeRefOrGetter<Readable<T>>): ComputedRef<T> {
  const { isPresent, isPrerendering } = usePresence();
  const changes = shallowRef(0);
  const update = () => void changes.value++;
  watchEffect((onCleanup) => {
    if (!isPresent.value) return;
    onCleanup(toValue(source).subscribe(update));
    // It may have changed while nobody listened.
    update();
  });
  return computed(() => {
    void changes.value;
    const { get, getServer } = toValue(source);
    return isPrerendering.value ? getServer() : get();
  });
}
