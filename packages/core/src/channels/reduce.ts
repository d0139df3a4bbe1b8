import { report } from "../environment.ts";
import { endAll } from "../store/listeners.ts";
import { createCell, type Readable } from "../store/readable.ts";
import type { SSEChannel, SSEMessage } from "./channel.ts";

/**
 * Folds a channel's messages into one value, each once and in order; the value changes once per frame. It folds what comes
 * while somebody is subscribed to it, and keeps the value in between. What `fold` throws is reported, and the value stays.
 *
 * @example
 * const total = reduce(client.channel("orders"), (sum, { data }) => sum + data.amount, 0);
 */
export function reduce<Data, Result>(
  channel: SSEChannel<Data>,
  fold: (result: Result, message: SSEMessage<Data>) => Result,
  initial: Result,
): Readable<Result> {
  const cell = createCell(initial);
  let value = initial;
  let subscribers = 0;
  let end = () => {};
  const publish = () => {
    if (!Object.is(value, cell.get())) cell.stage(value)();
  };
  const begin = () =>
    endAll(
      channel.on((message) => {
        try {
          value = fold(value, message);
        } catch (error) {
          report(error);
        }
      }),
      // The channel publishes once per frame, and so does this.
      channel.latest.subscribe(publish),
      // What came since the last frame is not lost with the last subscriber.
      publish,
    );
  return {
    ...cell,
    subscribe(onChange) {
      const unsubscribe = cell.subscribe(onChange);
      if (subscribers++ === 0) end = begin();
      let isHeld = true;
      return () => {
        unsubscribe();
        if (isHeld && --subscribers === 0) end();
        isHeld = false;
      };
    },
  };
}
