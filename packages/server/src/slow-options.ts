import { DEFAULTS } from "./defaults.ts";
import { checkFields, checkNumber, invalid } from "./option-checks.ts";

/** When a peer counts as too slow. What it misses meanwhile it reads from the history, or is told with a gap. */
export interface SlowOptions {
  /**
   * What becomes of a peer that takes nothing for `stallMs` while bytes wait: `"disconnect"` drops it, it can resume;
   * `"skip"` keeps it for as long as the stream is not ended, for at most `maxBufferedBytes` and one write.
   * @default "disconnect"
   */
  readonly policy?: "disconnect" | "skip";
  /** Writing to a connection pauses while the platform holds this many of its bytes. @default 1_048_576 */
  readonly maxBufferedBytes?: number;
  /**
   * A connection that takes nothing for this many milliseconds while bytes wait is dropped, unless `policy` keeps it. Node tells
   * only when a whole write to the socket is through, and that can hold everything buffered: a peer that has fallen
   * behind must take about `maxBufferedBytes` in this time, however steadily it reads. @default 30_000
   */
  readonly stallMs?: number;
}

/**
 * Fills in the defaults.
 *
 * @throws {OptionError}
 */
export function resolveSlow(slow: SlowOptions): Required<SlowOptions> {
  checkFields("slow", slow, ["policy", "maxBufferedBytes", "stallMs"]);
  const { maxBufferedBytes = DEFAULTS.slow.maxBufferedBytes, stallMs = DEFAULTS.slow.stallMs } = slow;
  const { policy = DEFAULTS.slow.policy } = slow;
  if (policy !== "disconnect" && policy !== "skip") throw invalid("slow.policy", 'use "disconnect" or "skip".');
  return {
    policy,
    maxBufferedBytes: checkNumber("slow.maxBufferedBytes", maxBufferedBytes, 1),
    stallMs: checkNumber("slow.stallMs", stallMs, 20),
  };
}
