/** When a connection was last written to, and when its peer last took something. */
export interface Liveness {
  /** Notes a write, and what is buffered after it. */
  wrote(now: number, buffered: number): void;
  /**
   * Notes what is buffered now: less than before means that the peer took something. Call it regularly, and before each
   * write, which would hide that.
   */
  looked(now: number, buffered: number): void;
  /** Notes that nothing more will be written: from now on only bytes that go are progress, an empty buffer is none. */
  ended(now: number): void;
  /**
   * True when bytes have waited for `stallMs` and not one has gone, or when it has been over and at rest as long; with
   * patience only the latter.
   */
  isStalled(now: number): boolean;
  /** True when a heartbeat is due before the next look, `graceMs` from now. */
  isBeatDue(now: number, graceMs: number): boolean;
}

/** What {@link createLiveness} needs. */
export interface LivenessConfig {
  readonly heartbeatMs: number | null;
  readonly stallMs: number;
  /** Whether a peer is waited for as long as there is more to write. @default false */
  readonly isPatient?: boolean;
  random(): number;
}

/** Creates the liveness of a connection opened at `now`. */
export function createLiveness(
  { heartbeatMs, stallMs, isPatient = false, random }: LivenessConfig,
  now: number,
): Liveness {
  let lastWriteAt = now;
  let lastProgressAt = now;
  let lastBuffered = 0;
  let isEnded = false;
  let factor = random();

  return {
    wrote(at, buffered) {
      lastWriteAt = at;
      lastBuffered = buffered;
    },
    looked(at, buffered) {
      if ((buffered === 0 && !isEnded) || buffered < lastBuffered) lastProgressAt = at;
      lastBuffered = buffered;
    },
    ended(at) {
      isEnded = true;
      if (isPatient) lastProgressAt = at;
    },
    isStalled: (at) => (isEnded || !isPatient) && at - lastProgressAt >= stallMs,
    isBeatDue(at, graceMs) {
      if (heartbeatMs === null) return false;
      // Early by up to `graceMs`, never late, and never before 0.8 of the interval.
      const due = heartbeatMs * (0.8 + 0.2 * factor);
      if (at - lastWriteAt < Math.max(heartbeatMs * 0.8, due - graceMs)) return false;
      factor = random();
      return true;
    },
  };
}
