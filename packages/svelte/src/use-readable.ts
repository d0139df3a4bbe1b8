import type { Readable } from "@x/sse-core";
import { onMount } from "svelte";
import { createSubscriber } from "svelte/reactivity";
import { type Readable as Store, toStore } from "svelte/store";
import { type MaybeGetter, toValue } from "./maybe-getter.js";
import { remember } from "./remember.js";

/** A value that changes: read it through `current` in runes, or as a store, `$value`, anywhere. */
export interface Current<T> extends Store<T> {
  readonly current: T;
}

/**
 * The current value of any part of a client: `useReadable(client.stats)`,
 * `useReadable(client.channel("quotes").state)`. Reading a part of a channel keeps the connection open while the component
 * is mounted; outside of components, while an effect reads it or a store subscriber holds it.
 */
export function useReadable<T>(source: MaybeGetter<Readable<T>>): Current<T> {
  const track = remember((readable: Readable<T>) => createSubscriber(readable.subscribe));
  const isMounted = createMounted(() => subscribe(() => {}));
  const read = () => {
    const readable = toValue(source);
    track(readable)();
    return isMounted() ? readable.get() : readable.getServer();
  };
  // A store of its own for every subscriber: one that is left and taken up again would begin with what it knew.
  const subscribe: Store<T>["subscribe"] = (...subscriber) => toStore(read).subscribe(...subscriber);
  return {
    get current() {
      return read();
    },
    subscribe,
  };
}

/**
 * Whether the component around has been mounted, which on a server it never is; outside of components always. Until then
 * it shows what a server does, because nothing tells a component whether it adopts a server's HTML.
 *
 * @param whileMounted - called when it is; what it returns, when it is not any more
 */
function createMounted(whileMounted: () => () => void): () => boolean {
  let isMounted = false;
  let update = () => {};
  const track = createSubscriber((next) => {
    update = next;
  });
  try {
    onMount(() => {
      isMounted = true;
      update();
      return whileMounted();
    });
  } catch {
    // Svelte has no other way of asking whether there is a component.
    isMounted = true;
  }
  return () => {
    track();
    return isMounted;
  };
}
