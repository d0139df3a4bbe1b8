import type { ChannelData, ChannelMap, ChannelName, ChannelView, Readable, SSEClient } from "@x/sse-core";
import { selectView } from "@x/sse-core";
import { computed, type MaybeRef, type MaybeRefOrGetter, toValue, unref } from "vue";
import { toViewRefs, type ViewRefs } from "./to-view-refs.ts";
import { useReadable } from "./use-readable.ts";

/** What {@link useChannel} returns: a ref for each field; see `ChannelView` of `@x/sse-core` for them. */
export type UseChannel<Data, Selected = Data> = ViewRefs<ChannelView<Data, Selected>>;

/**
 * The newest state of a channel. It keeps the connection open while the component is on the page. Client and name may
 * be refs or getters: another one shows that one's messages.
 *
 * @param select - takes a part of the data; the refs then change when that part changes, not with every message. What else
 * the outcome depends on belongs into a `computed` around `data`, or give the function as a ref
 * @throws SSEError `unknown-channel`
 * @example
 * const { data, loading } = useChannel(client, "prices", (price) => price.amount);
 */
export function useChannel<T extends ChannelMap, const Name extends ChannelName<T>, Selected = ChannelData<T, Name>>(
  client: MaybeRefOrGetter<SSEClient<T>>,
  name: MaybeRefOrGetter<Name>,
  select?: MaybeRef<((data: ChannelData<T, Name>) => Selected) | undefined>,
): UseChannel<ChannelData<T, Name>, Selected> {
  const selected = computed(() => {
    const { view } = toValue(client).channel(toValue(name));
    const selector = unref(select);
    // Subscribed to the whole view, so that a selector that throws does so where its outcome is read.
    const part = selector ? { ...selectView(view, selector), subscribe: view.subscribe } : view;
    return part as Readable<ChannelView<ChannelData<T, Name>, Selected>>;
  });
  return toViewRefs(useReadable(selected));
}
