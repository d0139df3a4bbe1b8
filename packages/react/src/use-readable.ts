"use client";

import type { Readable } from "@x/sse-core";
import { useSyncExternalStore } from "react";

/**
 * The current value of any part of a client: `useReadable(client.stats)`, `useReadable(client.channel("quotes").state)`.
 * Reading a part of a channel keeps the connection open while mounted.
 */
export function useReadable<T>({ subscribe, get, getServer }: Readable<T>): T {
  return useSyncExternalStore(subscribe, get, getServer);
}
