import type { ChannelMap, ClientView, SharedClientOptions, SSEClient } from "@x/sse-core";
import { createClientFinder } from "@x/sse-core";
import { compute } from "./compute.svelte.js";
import { type MaybeGetter, toValue } from "./maybe-getter.js";
import { type Current, useReadable } from "./use-readable.svelte.js";

/** Options of {@link useSSE}: those of a client. */
export type UseSSEOptions<T extends ChannelMap = ChannelMap> = SharedClientOptions<T>;

/** What {@link useSSE} returns; see `ClientView` of `@x/sse-core` for the fields of `current`. */
export interface UseSSE<T extends ChannelMap = ChannelMap>
  extends Current<ClientView<T>>,
    Pick<SSEClient<T>, "connect" | "disconnect" | "reconnect"> {
  readonly client: SSEClient<T>;
}

/**
 * Connection state and messages of an event stream.
 *
 * With a URL it keeps the connection open while the component is mounted; everything that names the same URL (and `key`)
 * shares one. With a client it only observes. Source and options may be getters: another URL ends the old stream and
 * shows only the new one.
 *
 * @throws SSEError `invalid-option`
 * @example
 * const events = useSSE("/events");
 * // in the markup: {events.current.status}, or {$events.status}
 */
export function useSSE<T extends ChannelMap = ChannelMap>(
  source: MaybeGetter<string | URL | SSEClient<T>>,
  options: MaybeGetter<UseSSEOptions<T>> = {},
): UseSSE<T> {
  const find = createClientFinder<T>();
  const found = compute(() => find(toValue(source), toValue(options)));
  const view = useReadable(() => found().view);
  return {
    get current() {
      return view.current;
    },
    subscribe: view.subscribe,
    connect: () => found().client.connect(),
    disconnect: () => found().client.disconnect(),
    reconnect: () => found().client.reconnect(),
    get client() {
      return found().client;
    },
  };
}
