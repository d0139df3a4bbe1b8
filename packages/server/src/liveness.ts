/**
 * When a connection was last written to, and when its peer last took something. A record that functions are given, as
 * there is one for each stream: with functions of its own it would hold five times as much.
 */
export interface Liveness {
  lastWriteAt: number;
  lastProgressAt: number;
  lastBuffered: number;
  isEnded: boolean;
  /** From 0 to below 1: where in its range the next heartbeat is due. */
  factor: number;
}

/** What {@link isStalled} and {@link takeBeat} go by. */
export interface LivenessLimits {
  readonly heartbeatMs: number | null;
  readonly stallMs: number;
  /** With "skip" a peer is waited for as long as there is more to write. @default "disconnect" */
  readonly policy?: "disconnect" | "skip";
  random(): number;
}

/** Creates the liveness of a connection opened at `now`. */
export function createLiveness({ random }: Pick<LivenessLimits, "random">, now: number): Liveness {
  return { lastWriteAt: now, lastProgressAt: now, lastBuffered: 0, isEnded: false, factor: random() };
}

/** Notes a write, and what is buffered after it. */
export function noteWrite(liveness: Liveness, now: number, buffered: number): void {
  liveness.lastWriteAt = now;
  liveness.lastBuffered = buffered;
}

/**
 * Notes what is buffered now: less than before means that the peer took something. Call it regularly, and before each
 * write, which would hide that.
 */
export function noteLook(liveness: Liveness, now: number, buffered: number): void {
  if ((buffered === 0 && !liveness.isEnded) || buffered < liveness.lastBuffered) liveness.lastProgressAt = now;
  liveness.lastBuffered = buffered;
}

/** Notes that nothing more will be written: from now on only bytes that go are progress, an empty buffer is none. */
export function noteEnd(liveness: Liveness, now: number, policy?: LivenessLimits["policy"]): void {
  liveness.isEnded = true;
  if (policy === "skip") liveness.lastProgressAt = now;
}

/**
 * True when bytes have waited for `stallMs` and not one has gone, or when it has been over and at rest as long; with "skip"
 * only the latter.
 */
export function isStalled(
  liveness: Liveness,
  { stallMs, policy }: Pick<LivenessLimits, "stallMs" | "policy">,
  now: number,
): boolean {
  return (liveness.isEnded || policy !== "skip") && now - liveness.lastProgressAt >= stallMs;
}

/** True when a heartbeat is due before the next look, `graceMs` from now: it must be written then. */
export function takeBeat(
  liveness: Liveness,
  { heartbeatMs, random }: Pick<LivenessLimits, "heartbeatMs" | "random">,
  now: number,
  graceMs: number,
): boolean {
  if (heartbeatMs === null) return false;
  // Early by up to `graceMs`, never late, and never before 0.8 of the interval.
  const due = heartbeatMs * (0.8 + 0.2 * liveness.factor);
  if (now - liveness.lastWriteAt < Math.max(heartbeatMs * 0.8, due - graceMs)) return false;
  liveness.factor = random();
  return true;
}
