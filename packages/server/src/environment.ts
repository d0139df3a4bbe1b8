/** Everything a hub takes from the platform: replace it in tests to own the clock. */
export interface Environment {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970, to compare with what others say. @default `Date.now` */
  date?(): number;
  /** A number from 0 to below 1. */
  random(): number;
  /** An unguessable id. */
  randomId(): string;
  /** Runs once after `ms`; returns how to cancel. */
  setTimer(run: () => void, ms: number): () => void;
  /** Runs once after what is currently executing, and after pending promise jobs; returns how to cancel. */
  defer(run: () => void): () => void;
}

/** An environment with nothing left to default. */
export type CompleteEnvironment = Required<Environment>;

/** Fills in what an environment leaves out. */
export function completeEnvironment(environment: Environment): CompleteEnvironment {
  return {
    now: () => environment.now(),
    date: () => environment.date?.() ?? Date.now(),
    random: () => environment.random(),
    randomId: () => environment.randomId(),
    setTimer: (run, ms) => environment.setTimer(run, ms),
    defer: (run) => environment.defer(run),
  };
}

interface Immediates {
  readonly setImmediate?: (run: () => void) => unknown;
  readonly clearImmediate?: (handle: unknown) => void;
}

/** The platform's own clock, timers and randomness. Uses only globals that Node, Bun, Deno and workers share. */
export function createEnvironment(): Environment {
  const { setImmediate, clearImmediate } = globalThis as Immediates;
  const setTimer = (run: () => void, ms: number) => {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  };
  return {
    now: () => performance.now(),
    random: () => Math.random(),
    randomId: () => crypto.randomUUID(),
    setTimer,
    // Later than a microtask on purpose: a publisher that awaits each publish still ends up in one flush.
    defer(run) {
      if (!setImmediate || !clearImmediate) return setTimer(run, 0);
      const handle = setImmediate(run);
      return () => clearImmediate(handle);
    },
  };
}
