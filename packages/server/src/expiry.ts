import type { CompleteEnvironment } from "./environment.ts";
import { type Moment, untilMoment } from "./pass.ts";

/** Ends what has an end. */
export interface Expiry<Item> {
  /** Ends the item no later than at the moment. */
  watch(item: Item, moment: Moment): void;
  /** Ends an item at this moment instead, be it later or earlier. */
  move(item: Item, moment: Moment): void;
  forget(item: Item): void;
  /** Ends what is due, and sets a timer for what will be soon. Call it at least once a second. */
  look(): void;
}

/** A timer may come this late, and all that is due meanwhile takes one look. In milliseconds. */
const EARLY_MS = 10;
/** Further ahead than until the next look, for which a timer is not needed. */
const HORIZON_MS = 2_000;

/**
 * Creates an expiry of nothing. It needs one timer at most, whatever the number of items, and none for what is far off:
 * a platform's timers do not reach further than 25 days, and know of one clock only.
 */
export function createExpiry<Item>(
  environment: CompleteEnvironment,
  end: (items: readonly Item[]) => void,
): Expiry<Item> {
  const watched = new Map<Item, Moment>();
  let cancel: (() => void) | undefined;
  let armedAt = Number.POSITIVE_INFINITY;

  function disarm() {
    cancel?.();
    cancel = undefined;
    armedAt = Number.POSITIVE_INFINITY;
  }

  function arm(waitMs: number) {
    const at = environment.now() + waitMs;
    if (waitMs > HORIZON_MS || at >= armedAt) return;
    disarm();
    armedAt = at;
    cancel = environment.setTimer(look, Math.max(0, waitMs - EARLY_MS));
  }

  function look() {
    disarm();
    const due: Item[] = [];
    let nearestMs = Number.POSITIVE_INFINITY;
    for (const [item, moment] of watched) {
      const waitMs = untilMoment(moment, environment);
      if (waitMs <= EARLY_MS) due.push(item);
      else nearestMs = Math.min(nearestMs, waitMs);
    }
    for (const item of due) watched.delete(item);
    arm(nearestMs);
    if (due.length > 0) end(due);
  }

  function watch(item: Item, moment: Moment) {
    if (moment.date === Number.POSITIVE_INFINITY) return;
    watched.set(item, moment);
    arm(untilMoment(moment, environment));
  }

  function forget(item: Item) {
    watched.delete(item);
    if (watched.size === 0) disarm();
  }

  return {
    watch,
    move(item, moment) {
      forget(item);
      watch(item, moment);
    },
    forget,
    look,
  };
}
