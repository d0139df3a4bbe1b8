"use client";

import type { ChannelMap, SSEClient } from "@x/sse-core";
import { createContext, createElement, type ReactElement, type ReactNode, useContext } from "react";

const ClientContext = createContext<SSEClient | null>(null);

export interface SSEProviderProps<T extends ChannelMap = ChannelMap> {
  /** The client that {@link useSSEClient} gives to everything below. */
  client: SSEClient<T>;
  children?: ReactNode;
}

/** Hands a client to the components below it. It opens and closes nothing. */
export function SSEProvider<T extends ChannelMap>({ client, children }: SSEProviderProps<T>): ReactElement {
  return createElement(ClientContext.Provider, { value: client as unknown as SSEClient }, children);
}

/**
 * The client of the nearest {@link SSEProvider}. Name the type of your channels to have it typed:
 * `useSSEClient<AppChannels>()`.
 *
 * @throws Error where there is no provider
 */
export function useSSEClient<T extends ChannelMap = ChannelMap>(): SSEClient<T> {
  const client = useContext(ClientContext);
  if (!client) throw new Error("useSSEClient needs a client: wrap the component in <SSEProvider client={client}>.");
  return client as unknown as SSEClient<T>;
}
