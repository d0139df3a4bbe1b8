import { type ChannelInput, createHub, defineChannels, type Hub } from "@x/sse-server";
import { channels, type Figures, type MarketChannel } from "./channels.ts";
import type { Config } from "./config.ts";
import { figuresOf } from "./figures.ts";

const definitions = defineChannels(channels);
type Definitions = typeof definitions;
export type PlaygroundHub = Hub<Definitions>;

/** What was published, as clients are to receive it. */
export interface PublishedEvent {
  readonly id: string;
  readonly channel: string;
  readonly data: unknown;
}

/** The newest event of every key of a channel. */
export interface ChannelPicture {
  /** In the order in which they were published. */
  readonly data: readonly unknown[];
  /** Id of the newest event of the hub: what came up to there is in `data`. */
  readonly id: string;
}

/** A hub that can be replaced by a new one, and a record of what it published of the market. */
export interface LiveHub {
  readonly current: PlaygroundHub;
  /** Everything since the hub began, oldest first; at most the newest {@link MAX_RECORDED} events. */
  recorded(channel?: string): PublishedEvent[];
  /** Events no longer recorded. */
  readonly forgotten: number;
  publish<Name extends MarketChannel>(channel: Name, data: ChannelInput<Definitions, Name>): void;
  /** A channel as it is now. */
  picture(channel: MarketChannel): ChannelPicture;
  /** How the hub and its process are doing. */
  figures(): Figures;
  /** Publishes that. It is not recorded. */
  publishFigures(): void;
  /** Replaces the hub by one that knows nothing, as when its process had been killed. Streams must be gone already. */
  restart(): void;
  /** Sends everyone away. */
  close(): Promise<void>;
}

export const MAX_RECORDED = 50_000;

export function createLiveHub({
  retryMs,
  history,
  heartbeatMs,
}: Pick<Config, "retryMs" | "history" | "heartbeatMs">): LiveHub {
  const open = () =>
    createHub({
      channels: definitions,
      // The ticker's first picture is fetched, see `picture`.
      initial: { services: "last" },
      heartbeatMs,
      // No age limit: a service that has been well for long belongs into the first snapshot, too.
      history: { size: history, ttlMs: null },
      ...(retryMs && { retryMs }),
    });
  let current = open();
  let startedAt = Date.now();
  let events: PublishedEvent[] = [];
  let newest = new Map<string, Map<string, unknown>>();
  let forgotten = 0;

  function record(event: PublishedEvent) {
    if (events.push(event) <= MAX_RECORDED) return;
    events.shift();
    forgotten++;
  }

  const figures = () => figuresOf(current.stats(), startedAt, Date.now());

  function keep<Name extends MarketChannel>(channel: Name, data: ChannelInput<Definitions, Name>) {
    const byKey = newest.get(channel) ?? new Map<string, unknown>();
    const key = (definitions[channel].key as (data: ChannelInput<Definitions, Name>) => string)(data);
    // Deleted first, so that the map is in the order of publication.
    byKey.delete(key);
    newest.set(channel, byKey.set(key, data));
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
      // In the same step in which the hub's head moves: a picture taken between the two would be wrong.
      keep(channel, data);
    },
    picture: (channel) => ({ data: [...(newest.get(channel)?.values() ?? [])], id: current.head }),
    figures,
    publishFigures() {
      // Only a hub that was closed refuses.
      current.publish("server", figures(), { latest: true }).catch(() => {});
    },
    restart() {
      void current.close({ spreadMs: 0, timeoutMs: 0 });
      current = open();
      startedAt = Date.now();
      events = [];
      newest = new Map();
      forgotten = 0;
    },
    // Short: whoever stops a playground waits for it.
    close: async () => void (await current.close({ spreadMs: 200, timeoutMs: 1_000 })),
  };
}
