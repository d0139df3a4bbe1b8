import { createManualClock, type ManualClock } from "./manual-clock.ts";

/**
 * Everything a client needs from the outside, under a test's control. The first group is what the subject uses (it
 * matches the subject's port by shape), the second what the test uses.
 */
export interface FakeEnvironment {
  isServer: boolean;
  now(): number;
  /** Deterministic for a given `seed`, in [0, 1). */
  random(): number;
  setTimer(callback: () => void, delayMs: number): () => void;
  /** Asks for a frame; it comes with {@link FakeEnvironment.flush}. Returns a function that cancels it. */
  requestFlush(callback: () => void): () => void;
  fetch: typeof globalThis.fetch;
  /** At once. */
  afterPageEvents(callback: () => void): void;
  isOnline(): boolean;
  isHidden(): boolean;
  /** Returns a function that removes the listener. */
  onPageEvent(listener: (event: FakePageEvent) => void): () => void;

  /** Moves time. */
  clock: ManualClock;
  /**
   * One frame: runs the callbacks asked for so far; those asked for meanwhile wait for the next frame. All of them run
   * even if one throws; the first error is thrown at the end.
   */
  flush(): void;
  /** Tells the listeners what happens to the page. `online` and `offline` are also what `isOnline` says from then on. */
  emitPageEvent(event: FakePageEvent): void;
  /** Puts the page out of sight or back, and tells the listeners if that is new. */
  setHidden(value: boolean): void;
  /** What is still registered; all zero when the subject has cleaned up. */
  leaks(): { timers: number; flushes: number; listeners: number };
  /** Makes `random()` return this value until it is set to `null`. */
  setRandom(value: number | null): void;
}

/** What can happen to a page, by the names of the DOM's events. */
export type FakePageEvent = "online" | "offline" | "visibilitychange" | "pagehide" | "pageshow" | "resume";

/** Options of {@link createFakeEnvironment}. */
export interface FakeEnvironmentOptions {
  /** Used for requests. Without it every request is rejected. */
  fetch?: typeof globalThis.fetch;
  /** @default false */
  isServer?: boolean;
  /**
   * Selects the random sequence.
   * @default 1
   */
  seed?: number;
  /**
   * The first value of `now()`, in milliseconds.
   * @default 0
   */
  start?: number;
}

// Mulberry32: 32 bits of state are plenty for jitter, and the sequence is the same on every engine.
const createRandom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

const noFetch: typeof globalThis.fetch = async () => {
  throw new Error("this fake environment was created without fetch");
};

/**
 * Creates an environment without real time, chance or network.
 *
 * @example
 * const harness = createFetchHarness();
 * const environment = createFakeEnvironment({ fetch: harness.fetch });
 * // … hand it to the subject, then:
 * environment.clock.advance(1_000);
 * expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
 */
export function createFakeEnvironment(options: FakeEnvironmentOptions = {}): FakeEnvironment {
  const { fetch = noFetch, isServer = false, seed = 1, start = 0 } = options;
  const clock = createManualClock({ start });
  const seededRandom = createRandom(seed);
  // Boxed, because the same function may be registered twice and each registration ends on its own.
  let flushes = new Set<{ run: () => void }>();
  const listeners = new Set<{ run: (event: FakePageEvent) => void }>();
  let fixedRandom: number | null = null;
  let isOnline = true;
  let isHidden = false;
  const emitPageEvent = (event: FakePageEvent): void => {
    isOnline = event === "online" || (isOnline && event !== "offline");
    for (const listener of [...listeners]) if (listeners.has(listener)) listener.run(event);
  };

  return {
    isServer,
    now: clock.now,
    random: () => fixedRandom ?? seededRandom(),
    setTimer: clock.setTimer,
    requestFlush(callback) {
      const entry = { run: callback };
      const frame = flushes;
      frame.add(entry);
      return () => void frame.delete(entry);
    },
    fetch,
    afterPageEvents: (callback) => callback(),
    isOnline: () => isOnline,
    isHidden: () => isHidden,
    onPageEvent(listener) {
      const entry = { run: listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },

    clock,
    flush() {
      const frame = flushes;
      flushes = new Set();
      const errors: unknown[] = [];
      // A Set's iterator skips entries deleted on the way, so a callback can cancel a later one.
      for (const entry of frame) {
        try {
          entry.run();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
    emitPageEvent,
    setHidden(value) {
      if (isHidden === value) return;
      isHidden = value;
      emitPageEvent("visibilitychange");
    },
    leaks: () => ({ timers: clock.pending, flushes: flushes.size, listeners: listeners.size }),
    setRandom(value) {
      fixedRandom = value;
    },
  };
}
