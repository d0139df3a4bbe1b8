import type { Group } from "./group.ts";
import type { Owed } from "./owed.ts";
import type { Skip } from "./reading.ts";

/** What a stream listens to, and what stands between that and reading on from the log. */
export interface Course {
  readonly group: Group;
  /** Written before anything else, in this order. */
  readonly owed: readonly Owed[];
  /** Channels whose entries up to a position must not be sent. */
  readonly skips: readonly Skip[];
}
