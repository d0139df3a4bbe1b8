import { fetchEventSource as open } from "@microsoft/fetch-event-source";
import type { Contender } from "../contender.ts";
import { CHANNEL } from "../event-stream.ts";

// It is made for pages; this is all it touches of one when it is told not to watch its visibility.
Object.assign(globalThis, { window: globalThis, document: { removeEventListener() {} } });

export const fetchEventSource: Contender = {
  read: (url, onQuotes) =>
    open(url, {
      fetch,
      openWhenHidden: true,
      onmessage: ({ event, data }) => event === CHANNEL && onQuotes(JSON.parse(data)),
      // It retries unless this throws.
      onerror(error) {
        throw error;
      },
    }),
};
