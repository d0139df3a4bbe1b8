import type { Readable } from "@x/sse-core";
import { untrack } from "svelte";
import { createSubscriber } from "svelte/reactivity";
import { type Readable as Store, toStore } from "svelte/store";
import { compute } from "./compute.svelte.js";
import { type MaybeGetter, toValue } from "./maybe-getter.js";

/** A value that changes: read it through `current` in runes, or as a store, `$value`, anywhere. */
export interface Current<T> extends Store<T> {
  /** Followed where it is read: in markup, effects and `$derived`. Taken apart in a script it stays what it was. */
  readonly current: T;
}

/**
 * The current value of any part of a client: `useReadable(client.stats)`,
 * `useReadable(client.channel("quotes").state)`. Reading a part of a channel keeps the connection open while the component
 * is mounted; outside of components, while an effect reads it or a store subscriber holds it.
 */
export function useReadable<T>(source: MaybeGetter<Readable<T>>): Current<T> {
  const target = compute(() => {
    const readable = toValue(source);
    return { ...readable, track: createSubscriber(readable.subscribe) };
  });
  // What cannot be used is said here, not where it is first read.
  untrack(target);
  // Another object with each change. There is none until a component is mounted: nothing tells it whether it adopts a
  // server's HTML, so until then each shows what a server does.
  let change: object | null = $state.raw(null);
  const update = () => {
    change = {};
  };
  // Nobody holds it but whoever reads it: outside of components, and once the component has left.
  let isAlone = false;
  const leave = () => {
    isAlone = true;
    update();
  };
  try {
    $effect(() => {
      isAlone = false;
      const { subscribe } = target();
      // What subscribing reads, as in functions among a client's options, must not have it subscribe anew.
      const end = untrack(() => subscribe(update));
      update();
      return () => {
        end();
        leave();
      };
    });
  } catch {
    // Svelte has no other way of asking whether there is something to belong to.
    leave();
  }
  const read = () => {
    const { track, get, getServer } = target();
    if (isAlone) track();
    return change ? get() : getServer();
  };
  return {
    get current() {
      return read();
    },
    // A store of its own for every subscriber: one that is left and taken up again would begin with what it knew.
    subscribe: (...subscriber) => untrack(() => toStore(read).subscribe(...subscriber)),
  };
}
