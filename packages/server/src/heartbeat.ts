import type { Environment } from "./environment.ts";

/** The one timer of a hub. */
export interface Heartbeat {
  /** Makes sure it runs; call it when there is a connection. */
  start(): void;
  /** Stops it; call it when there is none. */
  stop(): void;
}

/** What {@link createHeartbeat} needs. */
export interface HeartbeatConfig {
  readonly environment: Environment;
  readonly heartbeatMs: number | null;
  readonly stallMs: number;
  /** Looks at every connection. `graceMs` is the longest time until the next look. */
  onTick(now: number, graceMs: number): void;
}

const MIN_TICK_MS = 5;
const MAX_TICK_MS = 1_000;

/**
 * Creates a stopped heartbeat. One timer looks at all connections: with a timer each, ten thousand idle streams would
 * cost ten thousand timers, re-armed at every write.
 */
export function createHeartbeat({ environment, heartbeatMs, stallMs, onTick }: HeartbeatConfig): Heartbeat {
  // A twentieth keeps heartbeats inside their window; a quarter keeps a stall from lasting much longer than allowed.
  const wanted = Math.min((heartbeatMs ?? Number.POSITIVE_INFINITY) / 20, stallMs / 4);
  const tickMs = Math.min(MAX_TICK_MS, Math.max(MIN_TICK_MS, wanted));
  let cancel: (() => void) | undefined;

  function arm() {
    cancel = environment.setTimer(() => {
      arm();
      onTick(environment.now(), tickMs);
    }, tickMs);
  }

  return {
    start() {
      if (!cancel) arm();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
