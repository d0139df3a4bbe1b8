import type { RefusalReason } from "./refusal.ts";
import type { GapReason } from "./resume.ts";

/** Running totals of a hub. */
export interface Counters {
  published: number;
  deliveries: number;
  bytes: number;
  slowDisconnects: number;
  readonly gaps: Record<GapReason, number>;
  readonly refused: Record<RefusalReason, number>;
}

/** Creates totals at zero. */
export function createCounters(): Counters {
  const gaps = { trimmed: 0, epoch: 0, slow: 0, ahead: 0, "bad-id": 0, "replay-limit": 0, forgotten: 0 };
  const refused = { forbidden: 0, expired: 0, response: 0, failed: 0, closing: 0, total: 0, perUser: 0, perIp: 0 };
  return { published: 0, deliveries: 0, bytes: 0, slowDisconnects: 0, gaps, refused };
}
