import { createSSEClient, defineChannels, type } from "@x/sse-core";
import type { Contender } from "../contender.ts";
import { CHANNEL, type Quotes } from "../event-stream.ts";

const channels = defineChannels({ [CHANNEL]: type<Quotes>() });

/** The client as applications get it: history, statistics and the check for duplicates are on by default. */
export const sseCore: Contender = {
  read: (url, onQuotes) =>
    new Promise((resolve) => {
      // Without retries the end of the stream closes the client.
      const client = createSSEClient({ url, channels, retry: false });
      client.channel(CHANNEL).on(({ data }) => onQuotes(data));
      client.status.subscribe(() => client.status.get().status === "closed" && resolve());
      // Where there is no page, subscribing alone does not connect.
      client.connect();
    }),
};
