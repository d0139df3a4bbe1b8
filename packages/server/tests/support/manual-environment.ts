import { createManualEnvironment as create, type ManualEnvironment as Manual } from "../../src/testing/index.ts";

/** Here time passes within the call: fake responses take what they are written at once. */
export interface ManualEnvironment extends Omit<Manual, "advance"> {
  advance(ms: number): void;
}

/** The date at which manual time begins. */
export const START_DATE = Date.UTC(2026, 0, 1);

/** One in which chance plays no part, unless told otherwise: the middle of every range. */
export function createManualEnvironment(random: () => number = () => 0.5): ManualEnvironment {
  const environment = create({ startDate: START_DATE, random });
  // With its getters, as what they give changes.
  const properties = Object.getOwnPropertyDescriptors(environment);
  return Object.defineProperties({} as ManualEnvironment, { ...properties, advance: properties.advanceSync });
}
