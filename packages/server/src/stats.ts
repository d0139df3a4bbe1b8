import type { ConnectionPool } from "./connection-pool.ts";
import type { Counters } from "./counters.ts";
import type { DisconnectReason } from "./disconnect-reason.ts";
import type { Groups } from "./group.ts";
import type { HistogramSnapshot } from "./histogram.ts";
import type { LogStatus } from "./log-status.ts";
import type { RefusalReason } from "./refusal.ts";
import type { GapReason } from "./resume.ts";
import type { Stores } from "./stores.ts";

/** A snapshot of a hub's totals, safe to send as JSON. Counted since the hub was created. */
export interface HubStats {
  /** Streams open now. */
  readonly connections: number;
  /** Users with a stream that is open now. */
  readonly users: number;
  /** Streams opened: as many as are open now and in `closes`. */
  readonly connects: number;
  /** Streams that are over, by reason. */
  readonly closes: Readonly<Record<DisconnectReason, number>>;
  /** Bytes handed to the platform which the peers of open streams have not taken yet. */
  readonly bufferedBytes: number;
  /** Events published through this hub. */
  readonly published: number;
  /** Events written, one per event and stream or answered poll. */
  readonly deliveries: number;
  /** Events that streams were due when they were opened: missed ones and first messages. */
  readonly replayed: number;
  /**
   * How often published events were written to all streams, the seconds that took in all, and how often at most `le`
   * seconds. That is once a tick, and at once for what is published within one beyond 64 KiB for the same streams, or 1 MiB in
   * all.
   */
  readonly broadcasts: Pick<HistogramSnapshot, "count" | "buckets"> & { readonly seconds: number };
  /** Bytes written to all streams. */
  readonly bytes: number;
  /** Streams dropped because their peer took nothing. */
  readonly slowDisconnects: number;
  /** Events without an id that a stream missed as it was behind or full, one per event and stream. */
  readonly ephemeralDropped: number;
  /** Gaps announced, by reason. */
  readonly gaps: Readonly<Record<GapReason, number>>;
  /**
   * Requests that were turned down or away: by `authorize` with `null`, a `Response` or an error; because their permission
   * had expired; by each of the limits; and because the hub is closing.
   */
  readonly refused: Readonly<Record<RefusalReason, number>>;
  /** How the log is. */
  readonly status: LogStatus;
  readonly history: {
    /** Bytes held, with a fixed charge for each event and channel. */
    readonly bytes: number;
    /** Channels remembered. */
    readonly channels: number;
    /** The channels published most recently, at most 100. */
    readonly recent: readonly {
      readonly channel: string;
      readonly entries: number;
      readonly bytes: number;
      /** Streams and held polls that listen to it. */
      readonly listeners: number;
    }[];
  };
  /** What is kept of addressed events. */
  readonly mailboxes: {
    /** Users something is kept for, whether or not they are here. */
    readonly users: number;
    /** Bytes held for users and for everybody, with a fixed charge for each event, channel and user. */
    readonly bytes: number;
  };
}

const MAX_LISTED = 100;

/** Counts the streams and held polls that listen to a channel. */
export function countListeners(groups: Pick<Groups, "listeningTo">, channel: string): number {
  let count = 0;
  for (const group of groups.listeningTo(channel)) count += group.connections.size;
  return count;
}

/** Takes the snapshot. */
export function snapshotStats(
  { connections, users }: Pick<ConnectionPool, "connections" | "users">,
  counters: Counters,
  { history, mailboxes, groups }: Pick<Stores, "history" | "mailboxes" | "groups">,
  status: LogStatus,
): HubStats {
  const { connects, closes, published, deliveries, replayed, bytes, slowDisconnects, gaps, refused } = counters;
  const { ephemeralDropped } = counters;
  const { count, sum, buckets } = counters.broadcasts.snapshot();
  let bufferedBytes = 0;
  for (const connection of connections) bufferedBytes += connection.buffered();
  const recent = history
    .recent(MAX_LISTED)
    .map(({ channel, size, bytes }) => ({ channel, entries: size, bytes, listeners: countListeners(groups, channel) }));
  return {
    connections: connections.size,
    users,
    connects,
    closes: { ...closes },
    bufferedBytes,
    published,
    deliveries,
    replayed,
    broadcasts: { count, seconds: sum, buckets },
    bytes,
    slowDisconnects,
    ephemeralDropped,
    gaps: { ...gaps },
    refused: { ...refused },
    status,
    history: { bytes: history.bytes, channels: history.channels, recent },
    mailboxes: { users: mailboxes.users, bytes: mailboxes.bytes },
  };
}
