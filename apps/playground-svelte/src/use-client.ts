import { useSSEClient } from "@x/sse-svelte";
import type { AppChannels } from "playground-shared/client";

/** The client given by the provider, with its channels typed. */
export const useClient = () => useSSEClient<AppChannels>();
