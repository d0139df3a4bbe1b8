import { get } from "node:http";
import { createParser } from "eventsource-parser";
import { CHANNEL, FIRST_SEQ } from "./payload.ts";

/** A client that looks at every event. */
export interface Reader {
  /** Events that came in order, from the first. */
  readonly inOrder: number;
  /** Events that did not, and blocks that say that something was lost. */
  readonly faults: number;
}

/** Opens a stream; resolves with its headers. */
export function openReader(port: number): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const reader = { inOrder: 0, faults: 0 };
    const parser = createParser({
      onEvent({ event, data }) {
        if (event === CHANNEL && data.startsWith(`{"seq":${FIRST_SEQ + reader.inOrder + 1},`)) reader.inOrder++;
        else if (event === CHANNEL || event === "sse.gap") reader.faults++;
      },
    });
    const headers = { accept: "text/event-stream" };
    const request = get(
      { host: "127.0.0.1", port, path: `/?channel=${CHANNEL}`, agent: false, headers },
      (response) => {
        response.setEncoding("utf8").on("data", (text) => parser.feed(text));
        // A stream that ends early shows in what has come; nobody waits for its end.
        response.on("error", () => {});
        resolve(reader);
      },
    );
    request.on("error", reject);
  });
}
