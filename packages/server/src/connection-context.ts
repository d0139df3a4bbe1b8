import type { Counters } from "./counters.ts";
import type { Position } from "./event-id.ts";
import type { SlowOptions } from "./slow-options.ts";

/** What everything that answers the clients of one hub shares. */
export interface ConnectionContext {
  readonly epoch: string;
  readonly counters: Counters;
  readonly heartbeatMs: number | null;
  readonly visibleHeartbeat: boolean;
  readonly slow: Required<SlowOptions>;
  head(): Position;
  now(): number;
  random(): number;
  encode(text: string): Uint8Array;
}
