/** The numbers of a client, and why each is what it is. */
export const defaults = {
  /** Survives React StrictMode's remount, a route change and a hot update without a reconnect; short enough that a
   * page nobody looks at any more stops costing the server a connection. */
  lingerMs: 1_000,
  /** Messages kept per channel: a screenful of any list, and bounded. */
  history: 100,
  retry: {
    /** First retry spreads over 2 s, so that a restarted server does not meet everyone in the same moment. */
    baseMs: 2_000,
    /** Nobody waits longer than this for a server that is back. */
    capMs: 30_000,
    /** Give up never: a page left open overnight is live again in the morning. */
    maxAttempts: null,
  },
  /** An open stream resets the attempt count after this long: a server that accepts and drops at once is not healthy. */
  healthyAfterMs: 5_000,
  /** An answer, and in contract mode its first byte, is there by then or something is wrong: slow networks need 3 s. */
  firstByteTimeoutMs: 10_000,
  /** One event larger than this is a fault, not a message: 8 M characters. */
  maxEventChars: 8_000_000,
} as const;

/** No wait is longer than this, 24 days: what a server asks beyond is a mistake. It is also the longest time of a timer. */
export const MAX_DELAY_MS = 2 ** 31 - 1;
