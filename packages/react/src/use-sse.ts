"use client";

import { acquireClient, type ChannelMap, type ClientView, type SharedClientOptions, type SSEClient } from "@x/sse-core";
import { useEffect, useMemo, useSyncExternalStore } from "react";

/** Options of {@link useSSE}: those of a client. All may be written inline. */
export type UseSSEOptions<T extends ChannelMap = ChannelMap> = SharedClientOptions<T>;

/** What {@link useSSE} returns. */
export interface UseSSE<T extends ChannelMap = ChannelMap>
  extends ClientView<T>,
    Pick<SSEClient<T>, "connect" | "disconnect" | "reconnect"> {
  readonly client: SSEClient<T>;
}

/**
 * Connection state and messages of an event stream.
 *
 * With a URL the component keeps the connection open while mounted; every component that names the same URL (and
 * `key`) shares one. With a client it only observes.
 *
 * @throws SSEError `invalid-option`
 * @example
 * const { status, data } = useSSE("/events");
 */
export function useSSE<T extends ChannelMap = ChannelMap>(
  source: string | URL | SSEClient<T>,
  options: UseSSEOptions<T> = {},
): UseSSE<T> {
  // A URL object is made anew with every render more often than not; its text is what stays the same.
  const url = (source as SSEClient<T>).view ? null : `${source}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: later options reach a shared client through update()
  const shared = useMemo(() => (url === null ? null : acquireClient(url, options)), [url, options.key]);
  const client = shared?.client ?? (source as SSEClient<T>);
  const view = useSyncExternalStore(client.view.subscribe, client.view.get, client.view.getServer);

  useEffect(() => shared?.update(options));
  useEffect(() => shared?.client.retain(), [shared]);

  const { connect, disconnect, reconnect } = client;
  return { ...view, connect, disconnect, reconnect, client };
}
