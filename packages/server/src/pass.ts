/** What a request may do, and for whom. */
export interface Pass {
  readonly user: string | undefined;
  /** Names and patterns it is authorised for. */
  readonly channels: readonly string[];
  /** Where it comes from, as far as that is known. */
  readonly ip: string | undefined;
  readonly expiry: Moment;
  /** Milliseconds after which a stream may be asked for again; set where it is opened only to be told so. */
  readonly retryMs?: number;
  /** True for a stream that a closing hub leaves to its client. */
  readonly isLeftOpen: boolean;
}

/** A moment by both clocks: the monotonic one may stand still while a machine sleeps, the other one may be set back. */
export interface Moment {
  /** Milliseconds since 1970; infinite for never. */
  readonly date: number;
  /** The same moment in monotonic milliseconds, as seen when the request came. */
  readonly at: number;
}

/** The clocks of an environment. */
export interface Clocks {
  now(): number;
  date(): number;
}

/** The moment that never comes. */
export const NEVER: Moment = Object.freeze({ date: Number.POSITIVE_INFINITY, at: Number.POSITIVE_INFINITY });

/** The moment of a date. */
export function momentOf(date: number, clocks: Clocks): Moment {
  return { date, at: clocks.now() + (date - clocks.date()) };
}

/** The moment in so many milliseconds by the monotonic clock alone: setting the other one must not bring it about. */
export function momentIn(ms: number, clocks: Clocks): Moment {
  return { date: Number.MAX_VALUE, at: clocks.now() + ms };
}

/** Milliseconds until a moment, by the clock that is further on. */
export function untilMoment({ date, at }: Moment, clocks: Clocks): number {
  return Math.min(date - clocks.date(), at - clocks.now());
}
