import { defaults } from "../defaults.ts";
import type { Retain, SSEChannel, SSEMessage, SubscribeOptions } from "./channel.ts";
import { createHistory } from "./history.ts";

/**
 * A channel's messages as an async iterator. It subscribes at once and holds a bounded number of messages for a loop that
 * is slower than the stream; leaving the loop and the signal end it.
 *
 * @param options - `limit`: messages that wait, default 1,000; `overflow`: what gives way then, default the oldest;
 * `signal`: ends the loop once what waits has been taken
 * @example
 * for await (const { data } of iterate(client.channel("prices"))) await save(data);
 */
export function iterate<Data>(
  channel: SSEChannel<Data>,
  { limit = defaults.iteratorLimit, overflow, signal }: Partial<Retain> & SubscribeOptions = {},
): AsyncIterableIterator<SSEMessage<Data>> {
  const waiting = createHistory(limit, overflow, channel.keyOf);
  // Calls of next() that have no message yet: any number may be made at once.
  const takers: ((result: IteratorResult<SSEMessage<Data>, undefined>) => void)[] = [];
  let isOver = !!signal?.aborted;
  const serve = () => {
    while (takers[0]) {
      const value = waiting.shift();
      if (value !== undefined) takers.shift()?.({ done: false, value });
      else if (isOver) takers.shift()?.({ done: true, value: undefined });
      else return;
    }
  };
  const unsubscribe = channel.on((message) => {
    waiting.push(message);
    serve();
  });
  const end = () => {
    signal?.removeEventListener("abort", end);
    unsubscribe();
    isOver = true;
    serve();
  };
  if (isOver) end();
  else signal?.addEventListener("abort", end);
  const iterator: AsyncIterableIterator<SSEMessage<Data>> = {
    next: () =>
      new Promise((resolve) => {
        takers.push(resolve);
        serve();
      }),
    async return() {
      while (waiting.shift());
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
