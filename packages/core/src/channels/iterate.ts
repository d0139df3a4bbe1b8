import { SSEError } from "../errors.ts";
import type { Retain, SSEChannel, SSEMessage, SubscribeOptions } from "./channel.ts";
import { createHistory } from "./history.ts";

/** Messages held for a loop that is slower than the stream. */
const MOST_WAITING = 1_000;

/**
 * A channel's messages as an async iterator. It subscribes at once and holds a bounded number of messages for a loop that
 * is slower than the stream; leaving the loop and the signal end it.
 *
 * @param options - `limit`: messages that wait, default 1,000; `overflow`: what gives way then, default the oldest;
 * `signal`: ends the loop once what waits has been taken
 * @throws SSEError `invalid-option`
 * @example
 * for await (const { data } of iterate(client.channel("prices"))) await save(data);
 */
export function iterate<Data>(
  channel: SSEChannel<Data>,
  { limit = MOST_WAITING, overflow, signal }: Partial<Retain> & SubscribeOptions = {},
): AsyncIterableIterator<SSEMessage<Data>> {
  // A shift by nothing leaves only 32-bit unsigned integers as they are.
  if (limit >>> 0 !== limit)
    throw new SSEError("invalid-option", `Option "limit" is ${limit}. Pass an unsigned integer.`, { option: "limit" });
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
  const take = (message: SSEMessage<Data>) => {
    // Whoever waits has emptied the queue.
    const taker = takers.shift();
    if (taker) taker({ done: false, value: message });
    else waiting.push(message);
  };
  const unsubscribe = channel.on(take, { signal });
  const end = () => {
    signal?.removeEventListener("abort", end);
    unsubscribe();
    isOver = true;
    serve();
  };
  if (!isOver) signal?.addEventListener("abort", end);
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
