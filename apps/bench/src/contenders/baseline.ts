import { createParser } from "eventsource-parser";
import type { Contender } from "../contender.ts";
import { CHANNEL } from "../event-stream.ts";

/** The least that can be done with the same parser: no ids, no state, no second look. */
export const baseline: Contender = {
  async read(url, onQuotes) {
    const { body } = await fetch(url);
    const reader = body!.getReader();
    const decoder = new TextDecoder();
    const parser = createParser({
      onEvent: ({ event, data }) => event === CHANNEL && onQuotes(JSON.parse(data)),
    });
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read())
      parser.feed(decoder.decode(chunk.value, { stream: true }));
  },
};
