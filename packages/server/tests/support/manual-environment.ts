import { createManualEnvironment as create, type ManualEnvironment } from "../../src/testing/index.ts";

export type { ManualEnvironment };

/** The date at which manual time begins. */
export const START_DATE = Date.UTC(2026, 0, 1);

/** One in which chance plays no part, unless told otherwise: the middle of every range. */
export function createManualEnvironment(random: () => number = () => 0.5): ManualEnvironment {
  return create({ startDate: START_DATE, random });
}
