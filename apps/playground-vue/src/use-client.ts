import { useSSEClient } from "@x/sse-vue";
import type { AppChannels } from "playground-shared/client";

/** The client given by the plugin, with its channels typed. */
export const useClient = () => useSSEClient<AppChannels>();
