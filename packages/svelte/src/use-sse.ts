import {
  type ChannelMap,
  type ClientView,
  createClientFinder,
  type SharedClientOptions,
  type SSEClient,
} from "@x/sse-core";
import { type MaybeGetter, toValue } from "./maybe-getter.js";
import { type Current, useReadable } from "./use-readable.js";

/** Options of {@link useSSE}: those of a client. */
export type UseSSEOptions<T extends ChannelMap = ChannelMap> = SharedClientOptions<T>;

/** What {@link useSSE} returns. */
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
  const finder = createClientFinder<T>();
  const find = () => finder(toValue(source), toValue(options));
  // Whatever cannot be used is said here, not where it is first read.
  find();
  const view = useReadable(() => find().view);
  return {
    get current() {
      return view.current;
    },
    subscribe: view.subscribe,
    connect: () => find().client.connect(),
    disconnect: () => find().client.disconnect(),
    reconnect: () => find().client.reconnect(),
    get client() {
      return find().client;
    },
  };
}
