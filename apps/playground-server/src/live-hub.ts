import { type ChannelInput, type ChannelName, createHub, defineChannels, type Hub } from "@x/sse-server";
import { channels } from "./channels.ts";
import type { Config } from "./config.ts";

const definitions = defineChannels(channels);
type Definitions = typeof definitions;
export type PlaygroundHub = Hub<Definitions>;

/** What was published, as clients are to receive it. */
export interface PublishedEvent {
  readonly id: string;
  readonly channel: string;
  readonly data: unknown;
}

/** A hub that can be replaced by a new one, and a record of what it published. */
export interface LiveHub {
  readonly current: PlaygroundHub;
  /** Everything since the hub began, oldest first; at most the newest {@link MAX_RECORDED} events. */
  recorded(channel?: string): PublishedEvent[];
  /** Events no longer recorded. */
  readonly forgotten: number;
  publish<Name extends ChannelName<Definitions>>(channel: Name, data: ChannelInput<Definitions, Name>): void;
  /** Replaces the hub by one that knows nothing, as when its process had been killed. Streams must be gone already. */
  restart(): void;
  /** Sends everyone away. */
  close(): Promise<void>;
}

export const MAX_RECORDED = 50_000;

export function createLiveHub({ retryMs, history }: Pick<Config, "retryMs" | "history">): LiveHub {
  const open = () =>
    createHub({
      channels: definitions,
      initial: "last",
      // No age limit: a service that has been well for long belongs into the first snapshot, too.
      history: { size: history, ttlMs: null },
      ...(retryMs && { retryMs }),
    });
  let current = open();
  let events: PublishedEvent[] = [];
  let forgotten = 0;

  function record(event: PublishedEvent) {
    if (events.push(event) <= MAX_RECORDED) return;
    events.shift();
    forgotten++;
  }

  return {
    get current() {
      return current;
    },
    get forgotten() {
      return forgotten;
    },
    recorded: (channel) => events.filter((event) => channel === undefined || event.channel === channel),
    publish(channel, data) {
      const hub = current;
      hub.publish(channel, data).then(
        ({ id }) => hub === current && record({ id, channel, data }),
        // Only a hub that was closed refuses, and then nobody is left to receive it.
        () => {},
      );
    },
    restart() {
      void current.close({ spreadMs: 0, timeoutMs: 0 });
      current = open();
      events = [];
      forgotten = 0;
    },
    // Short: whoever stops a playground waits for it.
    close: async () => void (await current.close({ spreadMs: 200, timeoutMs: 1_000 })),
  };
}
