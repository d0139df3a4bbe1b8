import type { SSEMessage } from "./channels/channel.ts";
import { shield } from "./environment.ts";
import type { Batch } from "./store/batch.ts";
import { createCell, type Readable } from "./store/readable.ts";

/** Figures since the client was made: immutable, replaced once per frame while they change. */
export interface Stats {
  /** Bytes of event streams and polls received, comments included; characters of data where `EventSource` reads. */
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
  /** Streams opened; a change to polling or back counts as one. */
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
  /** The figures as they are now. */
  readonly figures: Pick<Stats, "lastByteAt">;
  message(message: SSEMessage): void;
}

/**
 * @param counts - messages per channel
 * @param sentAt - see `ClientOptions`
 */
export function createStats(
  now: () => number,
  batch: Batch,
  counts: () => Record<string, number>,
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
  const take = (): Stats => ({
    ...figures,
    reconnects: Math.max(figures.connects - 1, 0),
    channels: counts(),
  });
  const stats = createCell(take());
  const touch = batch(() => stats.stage(take()));
  const count: StatsRecorder["count"] = (name, by = 1) => {
    figures[name] += by;
    touch();
  };
  return {
    stats,
    count,
    bytes(size) {
      figures.lastByteAt = now();
      count("bytes", size);
    },
    figures,
    message(message) {
      const { receivedAt, replayed } = message;
      figures.messages++;
      figures.lastMessageAt = receivedAt;
      const time = replayed || !sentAt ? undefined : shield(() => sentAt(message));
      if (time !== undefined) figures.latencyMs = receivedAt - time;
      touch();
    },
  };
}
