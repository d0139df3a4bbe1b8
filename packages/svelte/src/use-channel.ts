import type { ChannelData, ChannelMap, ChannelName, ChannelView, Readable, SSEClient } from "@x/sse-core";
import { selectView } from "@x/sse-core";
import { type MaybeGetter, toValue } from "./maybe-getter.js";
import { type Current, useReadable } from "./use-readable.svelte.js";

/** What {@link useChannel} returns; see `ChannelView` of `@x/sse-core` for the fields of `current`. */
export type UseChannel<Data, Selected = Data> = Current<ChannelView<Data, Selected>>;

/**
 * The newest state of a channel. It keeps the connection open while the component is mounted. Client and name may be
 * getters: another one shows that one's messages.
 *
 * @param select - takes a part of the data; `current` then changes when that part changes, not with every message. What else
 * the outcome depends on belongs into a `$derived` around `current.data`
 * @throws SSEError `unknown-channel`
 * @example
 * const price = useChannel(client, "prices", (price) => price.amount);
 * // in the markup: {price.current.data}, or {$price.data}
 */
export function useChannel<T extends ChannelMap, const Name extends ChannelName<T>, Selected = ChannelData<T, Name>>(
  client: MaybeGetter<SSEClient<T>>,
  name: MaybeGetter<Name>,
  select?: (data: ChannelData<T, Name>) => Selected,
): UseChannel<ChannelData<T, Name>, Selected> {
  return useReadable(() => {
    const { view } = toValue(client).channel(toValue(name));
    return (select ? selectView(view, select) : view) as Readable<ChannelView<ChannelData<T, Name>, Selected>>;
  });
}
