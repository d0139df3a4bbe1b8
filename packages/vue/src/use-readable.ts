import type { Readable } from "@x/sse-core";
import { type ComputedRef, computed, type MaybeRefOrGetter, shallowRef, toValue, triggerRef, watch } from "vue";
import { usePresence } from "./use-presence.ts";

/**
 * The current value of any part of a client, as a ref: `useReadable(client.stats)`,
 * `useReadable(() => client.channel(name.value).state)`. Reading a part of a channel keeps the connection open while the
 * component is on the page; outside of components, until the effect scope around ends.
 */
export function useReadable<T>(source: MaybeRefOrGetter<Readable<T>>): ComputedRef<T> {
  const presence = usePresence();
  const changes = shallowRef();
  const update = () => triggerRef(changes);
  const current = computed(() => {
    void changes.value;
    const { get, getServer } = toValue(source);
    return presence.value === "prerendered" ? getServer() : get();
  });
  // What cannot be used is said to the caller, not by the watcher.
  void current.value;
  // Not an effect: what subscribing reads, as in functions among a client's options, must not have it subscribe anew.
  watch(
    () => (presence.value === "present" ? toValue(source) : null),
    (readable, _, onCleanup) => {
      if (readable) onCleanup(readable.subscribe(update));
      // It may have changed while nobody listened.
      update();
    },
    { immediate: true },
  );
  return current;
}
