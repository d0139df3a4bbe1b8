import type { ChannelFeed, SSEMessage } from "./channels/channel.ts";
import { shield } from "./environment.ts";
import type { Batch } from "./store/batch.ts";
import { createCell, type Readable } from "./store/readable.ts";

/** Figures since the client was made: immutable, replaced once per frame while they change. */
export interface Stats {
  /** Bytes of event streams received, comments included. */
  readonly bytes: number;
  /** Messages delivered. */
  readonly messages: number;
  /** Messages skipped because they could not be decoded. */
  readonly invalid: number;
  /** Events whose name belongs to no defined channel. */
  readonly unknown: number;
  /** Messages received again and not delivered again. */
  readonly duplicates: number;
  /** Losses the server signalled. */
  readonly gaps: number;
  /** Streams opened. */
  readonly connects: number;
  /** Streams opened after the first. */
  readonly reconnects: number;
  /** Messages delivered per channel: those defined and those that someone has asked for. */
  readonly channels: Readonly<Record<string, number>>;
  /** When the last byte was received (ms since 1970), or `null`. */
  readonly lastByteAt: number | null;
  /** When the last message was received (ms since 1970), or `null`. */
  readonly lastMessageAt: number | null;
  /** How long the last live message took that `sentAt` knew the sending time of, in ms, or `null`. */
  readonly latencyMs: number | null;
}

type Counter = "bytes" | "messages" | "invalid" | "unknown" | "duplicates" | "gaps" | "connects";

/** Counters that are written often and published once per frame. */
export interface StatsRecorder {
  readonly stats: Readable<Stats>;
  /** Adds to a counter and has all of them published. */
  count(name: Counter, by?: number): void;
  bytes(count: number): void;
  message(message: SSEMessage, feeds: readonly ChannelFeed<unknown>[]): void;
}

/** @param sentAt - see `ClientOptions` */
export function createStats(
  now: () => number,
  batch: Batch,
  sentAt?: (message: SSEMessage) => number | undefined,
): StatsRecorder {
  const figures = {
    bytes: 0,
    messages: 0,
    invalid: 0,
    unknown: 0,
    duplicates: 0,
    gaps: 0,
    connects: 0,
    lastByteAt: null as number | null,
    lastMessageAt: null as number | null,
    latencyMs: null as number | null,
  };
  const channels = new Map<string, number>();
  const take = (): Stats => ({
    ...figures,
    reconnects: Math.max(figures.connects - 1, 0),
    channels: Object.fromEntries(channels),
  });
  const stats = createCell(take());
  const commit = () => stats.stage(take());
  const count: StatsRecorder["count"] = (name, by = 1) => {
    figures[name] += by;
    batch(commit);
  };
  return {
    stats,
    count,
    bytes(size) {
      figures.lastByteAt = now();
      count("bytes", size);
    },
    message(message, feeds) {
      const { receivedAt, replayed } = message;
      for (const { channel } of feeds) channels.set(channel.name, (channels.get(channel.name) ?? 0) + 1);
      figures.lastMessageAt = receivedAt;
      const time = replayed ? undefined : shield(() => sentAt?.(message));
      if (time !== undefined) figures.latencyMs = receivedAt - time;
      count("messages");
    },
  };
}
