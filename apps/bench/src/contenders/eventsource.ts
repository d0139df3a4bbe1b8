import { EventSource } from "eventsource";
import type { Contender } from "../contender.ts";
import { CHANNEL } from "../event-stream.ts";

export const eventsource: Contender = {
  read: (url, onQuotes) =>
    new Promise((resolve) => {
      const source = new EventSource(url);
      source.addEventListener(CHANNEL, ({ data }) => onQuotes(JSON.parse(data)));
      // The end of a stream is an error that it would reconnect after.
      source.addEventListener("error", () => {
        source.close();
        resolve();
      });
    }),
};
