/** The numbers a hub has unless told otherwise, with their reasons. */
export const DEFAULTS = Object.freeze({
  /** A minute or two of a busy channel; five minutes outlast a tunnel, a lift or a deploy. */
  history: Object.freeze({ size: 100, bytes: 1_048_576, ttlMs: 300_000 }),
  /** Some sixty full channels; small beside the heap of any server process. */
  historyBytes: 67_108_864,
  /** Some three thousand users with an event or two each. */
  userHistoryBytes: 16_777_216,
  /** The specification leaves it open, browsers use 3 s; a range keeps clients that left together from returning together. */
  retryMs: Object.freeze([2_000, 4_000] as const),
  /** The specification recommends a comment about every 15 s, and common proxies give up after 30 to 60. */
  heartbeatMs: 15_000,
  /** A frame as large as one write. Larger things are better fetched by reference. */
  maxEventBytes: 65_536,
  /** Loading a snapshot is cheaper than replaying more than this. */
  replayMax: 1_000,
  /** The buffer covers any sensible burst within one tick; half a minute without progress is a dead peer. */
  slow: Object.freeze({ policy: "disconnect" as const, maxBufferedBytes: 1_048_576, stallMs: 30_000 }),
  /** Ends before the 30 s after which the strictest of common proxies give up on a silent response. */
  pollWaitMs: 25_000,
  /**
   * Most streams need a handful of channels; it bounds what one client can make the hub remember. Ten thousand clients that come
   * back within some seconds are at most a few hundred who wait for an answer at once. How many clients is the host's affair.
   */
  limits: Object.freeze({ total: null, perUser: null, perIp: null, pending: 1_000, channelsPerConnection: 100 }),
  /** Until others have left; a page that was opened once too often asks four to twelve times a minute. */
  limitRetryMs: Object.freeze([5_000, 15_000] as const),
  /** Browsers forget after 5 s otherwise, and every reconnect with a position would be asked about first. */
  corsMaxAgeS: 600,
  /** Beyond the longest `retryMs`: whoever comes back when told to looks to others as if never away. */
  presenceMarginMs: 1_000,
  /** What one tick publishes together is sent together; anything more is a delay that nobody asked for. */
  batchMs: 0,
  /** Needed only for intermediaries that hold back short responses. */
  padding: 0,
  /** Long enough to spread reconnects, short enough for the usual 30 s before a process is killed. */
  close: Object.freeze({ spreadMs: 10_000, timeoutMs: 15_000 }),
});
