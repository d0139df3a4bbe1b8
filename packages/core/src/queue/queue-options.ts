import type { SSEChannel, SubscribeOptions } from "../channels/channel.ts";
import type { Overflow } from "../channels/history.ts";
import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import type { HoldContext } from "./hold.ts";
import type { QueueEntry } from "./queue-state.ts";

/** Options of a queue; each is read once. `signal` closes the queue; one that has been aborted already starts none. */
export interface QueueOptions<Data> extends SubscribeOptions {
  /** How many messages are worked on at a time. With more than one they are begun in order, and may end in any. @default 1 */
  concurrency?: number | undefined;
  /**
   * How often a message whose handler has failed is tried again by itself. Meanwhile it keeps its place, so that those
   * behind it wait; then it counts as failed and they go on. `retryFailed()` grants as many again.
   * @default 0
   */
  retries?: number | undefined;
  /**
   * Wait before the first automatic retry, in ms; doubled for each further one, up to 30,000. Half of it is left to chance.
   * @default 1000
   */
  retryMs?: number | undefined;
  /** Most messages that wait; also most failed and most processed ones kept. @default 1000 */
  limit?: number | undefined;
  /**
   * What one message too many does: `drop-oldest` makes room, `drop-newest` is refused. `coalesce` needs the channel's
   * `key`: a message replaces the one of the same key that waits or has failed, full or not; where there is none, the
   * oldest makes room. What the handler is working on is never dropped.
   * @default "drop-oldest"
   */
  overflow?: Overflow | undefined;
  /** How long processed messages are kept to be shown, in ms, to within a second; `null`: only `limit` counts. @default 300000 */
  processedMs?: number | null | undefined;
  /**
   * Starts no handler while it returns `true`, in addition to while the connection is paused or the browser says it is
   * offline. Asked before every start, and when the connection's state or the page changes; for anything else use
   * `pause()`. One that throws holds. `null`: not even those two hold, as for handlers that need no network.
   * @default only those two
   */
  holdWhile?: ((context: HoldContext) => boolean) | null | undefined;
  /**
   * Receives whatever the handler throws, as it was thrown, at every failure; `entry.nextAttemptAt` tells whether it is
   * tried again. To try again use `retries`: a `retryFailed()` from here goes on for ever.
   * @default none: errors are kept in `state.entries.failed`
   */
  onError?: ((error: unknown, entry: QueueEntry<Data>) => void) | undefined;
  /** Replaces parts of the machine the queue runs on, as the client's option of that name does. @default its globals */
  environment?: Partial<Environment> | undefined;
}

/** Every number a user can change, and why it is what it is. */
export const queueDefaults = {
  /** In order, one after another: what a handler that writes somewhere expects. */
  concurrency: 1,
  /** Only the application knows whether its handler may run twice. */
  retries: 0,
  /** Long enough for a server's hiccup to pass. */
  retryMs: 1_000,
  /** Ten times the history of a channel: an outage's worth, and bounded. */
  limit: 1_000,
  overflow: "drop-oldest",
  /** Long enough to look up what was just done. */
  processedMs: 300_000,
} as const;

/** The smallest value of each number. */
const numbers = { concurrency: 1, limit: 1, retries: 0, retryMs: 0, processedMs: 0 } as const;
const overflows: readonly Overflow[] = ["drop-oldest", "drop-newest", "coalesce"];
const others = ["signal", "overflow", "holdWhile", "onError", "environment"];

/** @throws SSEError `invalid-option` naming the first option that is misspelt or cannot be */
export function checkQueueOptions<Data>(channel: SSEChannel<Data>, options: QueueOptions<Data>): void {
  const names = [...Object.keys(numbers), ...others];
  for (const name of Object.keys(options)) if (!names.includes(name)) fail(name, "unknown", `one of ${names}`);
  for (const [name, least] of Object.entries(numbers)) {
    const value = options[name as keyof typeof numbers];
    const isDefault = value === undefined || (value === null && name === "processedMs");
    if (!isDefault && !(Number.isSafeInteger(value) && value! >= least))
      fail(name, value, `an integer from ${least} on`);
  }
  const { overflow = queueDefaults.overflow } = options;
  if (!overflows.includes(overflow)) fail("overflow", overflow, `one of ${overflows}`);
  if (overflow === "coalesce" && !channel.keyOf) fail("overflow", overflow, "a key in the channel's definition too");
}

function fail(option: string, found: unknown, expected: string): never {
  throw new SSEError("invalid-option", `Queue option "${option}" is ${found}. Pass ${expected}.`, { option });
}
