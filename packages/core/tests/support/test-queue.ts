import { createFakeEnvironment, type FakeEnvironment } from "test-kit/fake-environment";
import { createChannel, type SSEMessage } from "../../src/channels/channel.ts";
import type { ConnectionState } from "../../src/connection/status.ts";
import {
  createQueue,
  type Queue,
  type QueueContext,
  type QueueEntry,
  type QueueHandler,
  type QueueOptions,
} from "../../src/queue/queue.ts";
import { createCell } from "../../src/store/readable.ts";

/** A call of the handler that has not ended. */
interface Call extends QueueContext {
  data: string;
  succeed(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

export interface TestQueue {
  queue: Queue<string>;
  environment: FakeEnvironment;
  /** Every call of the handler so far. */
  calls: Call[];
  /** Delivers messages, all in one tick. */
  send(...data: string[]): void;
  /** Changes what the channel's status shows. */
  connection(change: Partial<ConnectionState>): void;
  /** The counts after the next frame. */
  counts(): { processed: number; unprocessed: number; failed: number; dropped: number };
  /** The data of a state's messages after the next frame. */
  list(state: "running" | "retrying" | "waiting" | "failed" | "processed"): string[];
  /** How many of the queue's subscriptions keep the connection open. */
  retained(): number;
}

const connected: ConnectionState = {
  status: "open",
  reason: null,
  attempt: 0,
  nextRetryAt: null,
  cause: null,
  stale: false,
  offline: false,
  pausedBy: [],
  transport: "fetch",
  resume: null,
  lastEventId: "",
  openedAt: 0,
};

/** Lets promise chains settle. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue on a channel that the test feeds, with a handler whose calls the test ends. */
export function createTestQueue(
  options: QueueOptions<string> = {},
  { handler, key }: { handler?: QueueHandler<string>; key?: (data: string) => string } = {},
): TestQueue {
  const environment = createFakeEnvironment();
  environment.setRandom(0);
  const status = createCell(connected);
  const calls: Call[] = [];
  let retained = 0;
  const retain = () => {
    retained++;
    return () => void retained--;
  };
  // The frames counted are the queue's.
  const batch = () => () => {};
  const feed = createChannel<string>("c", key, { limit: 1 }, status, retain, batch);
  const wait: QueueHandler<string> = ({ data }, context) =>
    new Promise<void>((resolve, reject) => {
      const end = (run: () => void) => () => {
        run();
        return settle();
      };
      calls.push({ ...context, data, succeed: end(resolve), fail: (error) => end(() => reject(error))() });
    });
  const queue = createQueue(feed.channel, handler ?? wait, { environment, ...options });
  const read = () => {
    environment.flush();
    return queue.state.get();
  };
  return {
    queue,
    environment,
    calls,
    send(...data) {
      for (const value of data)
        feed.receive({
          channel: "c",
          event: "c",
          data: value,
          lastEventId: "",
          receivedAt: environment.now(),
          replayed: false,
        } satisfies SSEMessage<string>);
    },
    connection: (change) => status.stage({ ...status.get(), ...change })(),
    counts() {
      const { processed, unprocessed, failed, dropped } = read();
      return { processed, unprocessed, failed, dropped };
    },
    list: (name) => read().entries[name].map(({ message }: QueueEntry<string>) => message.data),
    retained: () => retained,
  };
}
