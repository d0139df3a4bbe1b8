import type { Environment } from "../environment.ts";
import { LOOK_MS } from "./wait-until.ts";

/** Notices that an open stream has gone silent. */
export interface Watchdog {
  /** Begins to watch, anew if it did already. @param intervalMs - longest silence of a healthy stream; `null`: any */
  start(intervalMs: number | null): void;
  /** Bytes arrived. */
  hear(): void;
  /** Time may have stood still: looks at once. */
  wake(): void;
  /** The stream may have broken unnoticed: what follows soon proves that it has not. */
  doubt(): void;
  stop(): void;
  isStale(): boolean;
}

/** A stream is stale, and then given up, after this many intervals of silence. */
const STALE = 1.5;
const DEAD = 2.5;
/** What the network has kept for a machine that slept gets this long to be read before the stream is given up. */
const GRACE_MS = 500;

/**
 * Compares moments instead of trusting timers: those of hidden pages are rare, those of sleeping machines stand still.
 *
 * @param onChange - told when `isStale()` has changed
 * @param onDead - told when the stream is to be given up, and whether time has stood still
 */
export function createWatchdog(
  { now, setTimer }: Pick<Environment, "now" | "setTimer">,
  onChange: () => void,
  onDead: (hasSlept: boolean) => void,
): Watchdog {
  let interval: number | null = null;
  let heardAt = 0;
  let lookedAt = 0;
  // Set while a machine that slept is given time to read.
  let graceUntil = 0;
  let isStale = false;
  let cancel = () => {};
  let cancelDoubt = () => {};

  const look = () => {
    cancel();
    // A server may say anything: of what is no time at all any silence is fine.
    if (!(interval! > 0)) return;
    const time = now();
    // The clock may have been set back.
    heardAt = Math.min(heardAt, time);
    const silence = time - heardAt;
    const dead = DEAD * interval!;
    // It is looked at every second, so a longer pause means that nothing ran. Where timers are rare that is always so:
    // once is enough.
    if (silence < dead) graceUntil = 0;
    else if (!graceUntil && time - lookedAt > 2 * LOOK_MS) graceUntil = time + GRACE_MS;
    lookedAt = time;
    if (silence >= dead && time >= graceUntil) return onDead(graceUntil > 0);
    const stale = STALE * interval!;
    if (isStale !== silence >= stale) {
      isStale = !isStale;
      onChange();
    }
    cancel = setTimer(look, Math.min((graceUntil || heardAt + (isStale ? dead : stale)) - time, LOOK_MS));
  };
  return {
    start(intervalMs) {
      interval = intervalMs;
      heardAt = lookedAt = now();
      look();
    },
    hear() {
      heardAt = now();
      cancelDoubt();
      if (isStale) look();
    },
    wake: look,
    doubt() {
      cancelDoubt();
      cancelDoubt = setTimer(() => onDead(true), GRACE_MS);
    },
    stop() {
      cancel();
      cancelDoubt();
      interval = null;
      isStale = false;
    },
    isStale: () => isStale,
  };
}
