import type { ChannelMap, SSEClient } from "@x/sse-core";
import { getContext, setContext } from "svelte";
import { type MaybeGetter, toValue } from "./maybe-getter.js";

const clientKey = Symbol("SSE client");

/** Hands a client, or a getter of it, to the components below the one that calls it. It opens and closes nothing. */
export function setSSEClient<T extends ChannelMap>(client: MaybeGetter<SSEClient<T>>): void {
  setContext(clientKey, () => toValue(client));
}

/**
 * A getter of the client of the nearest provider, to be passed on as it is: `useChannel(client, "quotes")`. Name the type
 * of your channels to have it typed: `useSSEClient<AppChannels>()`.
 *
 * @throws Error where there is no provider
 */
export function useSSEClient<T extends ChannelMap = ChannelMap>(): () => SSEClient<T> {
  const client = getContext<(() => SSEClient<T>) | undefined>(clientKey);
  if (!client)
    throw new Error(
      "useSSEClient needs a client: wrap the component in <SSEProvider {client}>, or call setSSEClient(client) above it.",
    );
  return client;
}
