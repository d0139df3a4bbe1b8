import type { DisconnectReason } from "./disconnect-reason.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { RefusalReason } from "./refusal.ts";
import type { GapReason } from "./resume.ts";

/** Running totals of a hub. */
export interface Counters {
  connects: number;
  replayed: number;
  published: number;
  deliveries: number;
  bytes: number;
  slowDisconnects: number;
  ephemeralDropped: number;
  readonly closes: Record<DisconnectReason, number>;
  /** Durations in seconds. */
  readonly broadcasts: Histogram;
  readonly gaps: Record<GapReason, number>;
  readonly refused: Record<RefusalReason, number>;
}

/** Upper bounds in seconds: from a tick that nobody notices to one that holds up everything else. */
const BROADCAST_BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** Creates totals at zero. */
export function createCounters(): Counters {
  const gaps = { trimmed: 0, epoch: 0, slow: 0, ahead: 0, "bad-id": 0, "replay-limit": 0, forgotten: 0 };
  const refused = {
    forbidden: 0,
    expired: 0,
    response: 0,
    failed: 0,
    closing: 0,
    total: 0,
    perUser: 0,
    perIp: 0,
    pending: 0,
  };
  const closes = { client: 0, slow: 0, "write-failed": 0, expired: 0, "max-age": 0, shutdown: 0 };
  const broadcasts = createHistogram(BROADCAST_BOUNDS);
  const totals = {
    connects: 0,
    replayed: 0,
    published: 0,
    deliveries: 0,
    bytes: 0,
    slowDisconnects: 0,
    ephemeralDropped: 0,
  };
  return { ...totals, closes, broadcasts, gaps, refused };
}
