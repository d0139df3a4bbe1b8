"use client";

import {
  type ChannelData,
  type ChannelMap,
  type ChannelName,
  type ChannelView,
  type Readable,
  type SSEClient,
  selectView,
} from "@x/sse-core";
import { useMemo, useSyncExternalStore } from "react";

/** What {@link useChannel} returns; see `ChannelView` of `@x/sse-core` for the fields. */
export type UseChannel<Data, Selected = Data> = ChannelView<Data, Selected>;

/**
 * The newest state of a channel. While mounted it keeps the connection open.
 *
 * @param select - takes a part of the data; the component then renders when that part changes, not with every message
 * @throws SSEError `unknown-channel`
 * @example
 * const { data, loading } = useChannel(client, "prices", (price) => price.amount);
 */
export function useChannel<T extends ChannelMap, Name extends ChannelName<T>, Selected = ChannelData<T, Name>>(
  client: SSEClient<T>,
  name: Name,
  select?: (data: ChannelData<T, Name>) => Selected,
): UseChannel<ChannelData<T, Name>, Selected> {
  const { view } = useMemo(() => client.channel(name), [client, name]);
  const selected = useMemo(() => (select ? selectView(view, select) : view), [view, select]) as Readable<
    UseChannel<ChannelData<T, Name>, Selected>
  >;
  // Subscribed to the whole view, so that a selector written inline does not subscribe anew with every render.
  return useSyncExternalStore(view.subscribe, selected.get, selected.getServer);
}
