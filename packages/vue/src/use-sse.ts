import type { ChannelMap, ClientView, SharedClientOptions, SSEClient } from "@x/sse-core";
import { createClientFinder } from "@x/sse-core";
import { type ComputedRef, computed, type MaybeRefOrGetter, toValue } from "vue";
import { toViewRefs, type ViewRefs } from "./to-view-refs.ts";
import { usePresence } from "./use-presence.ts";
import { useReadable } from "./use-readable.ts";

/** Options of {@link useSSE}: those of a client. */
export type UseSSEOptions<T extends ChannelMap = ChannelMap> = SharedClientOptions<T>;

/** What {@link useSSE} returns. */
export interface UseSSE<T extends ChannelMap = ChannelMap>
  extends ViewRefs<ClientView<T>>,
    Pick<SSEClient<T>, "connect" | "disconnect" | "reconnect"> {
  /** The client given, or the one of the URL; {@link useChannel} takes it. */
  readonly client: ComputedRef<SSEClient<T>>;
}

/**
 * Connection state and messages of an event stream, each a ref.
 *
 * With a URL it keeps the connection open while the component is on the page; everything that names the same URL (and
 * `key`) shares one. With a client it only observes. Source and options may be refs or getters: another URL ends the old
 * stream and shows only the new one; functions among the options are called when they are needed, so they may read refs.
 *
 * @throws SSEError `invalid-option`
 * @example
 * const { status, data } = useSSE("/events");
 */
export function useSSE<T extends ChannelMap = ChannelMap>(
  source: MaybeRefOrGetter<string | URL | SSEClient<T>>,
  options: MaybeRefOrGetter<UseSSEOptions<T>> = {},
): UseSSE<T> {
  const find = createClientFinder<T>();
  const presence = usePresence();
  // Looked for again when it is brought back: others may have opened a new connection meanwhile.
  const found = computed(() => presence.value && find(toValue(source), toValue(options)));
  return {
    ...toViewRefs(useReadable(() => found.value.view)),
    connect: () => found.value.client.connect(),
    disconnect: () => found.value.client.disconnect(),
    reconnect: () => found.value.client.reconnect(),
    client: computed(() => found.value.client),
  };
}
