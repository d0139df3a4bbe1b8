import type { ConnectionPool } from "./connection-pool.ts";
import { encodeBye } from "./control-frames.ts";
import { DEFAULTS } from "./defaults.ts";
import { drawMs } from "./draw.ts";
import type { Environment } from "./environment.ts";
import { checkFields, checkNumber, MAX_NUMBER } from "./option-checks.ts";

/** How `hub.close` goes about it. */
export interface CloseOptions {
  /**
   * Streams end one after another over this many milliseconds, so that clients do not all come back at once.
   * @default 10_000, or two thirds of `timeoutMs` where that is less
   */
  readonly spreadMs?: number;
  /**
   * Streams still open this many milliseconds after the call are dropped.
   * @default 15_000, or 5_000 more than `spreadMs` where that is more
   */
  readonly timeoutMs?: number;
}

/** What became of the streams that were open. */
export interface CloseResult {
  /** Ended after everything was handed over, or left by themselves meanwhile. */
  readonly ended: number;
  /** Dropped at the deadline. */
  readonly destroyed: number;
}

/**
 * Fills in the defaults.
 *
 * @throws {OptionError}
 */
export function resolveCloseOptions(options: CloseOptions): Required<CloseOptions> {
  checkFields("", options, ["spreadMs", "timeoutMs"]);
  const { close } = DEFAULTS;
  const given = options.timeoutMs === undefined ? undefined : checkNumber("timeoutMs", options.timeoutMs, 0);
  // One that is given alone is not to make the other one drop who has not had a turn.
  const untilThen = given === undefined ? close.spreadMs : Math.min(close.spreadMs, Math.floor((given * 2) / 3));
  const spreadMs = checkNumber("spreadMs", options.spreadMs ?? untilThen, 0);
  const after = Math.min(MAX_NUMBER, spreadMs + close.timeoutMs - close.spreadMs);
  return { spreadMs, timeoutMs: given ?? Math.max(close.timeoutMs, after) };
}

/** Nobody is told to come back sooner, however narrow the spread: the first second is for the new process to start. */
const MIN_RETRY_MS = 1_000;

/** Delay a client is told when it is sent away: at least a second, and up to the spread where that is longer. */
export function awayRetryMs(spreadMs: number, random: () => number): number {
  return drawMs([MIN_RETRY_MS, Math.max(MIN_RETRY_MS, spreadMs)], random);
}

/**
 * Ends every connection that is not left to its client, evenly spread, and resolves when none is left. Uses two timers whatever their number. `flush`
 * runs before any of them ends.
 */
export function shutDown(
  { connections, whenEmpty }: ConnectionPool,
  environment: Environment,
  flush: () => void,
  { spreadMs, timeoutMs }: Required<CloseOptions>,
): Promise<CloseResult> {
  const total = connections.size;
  const queue = shuffle(
    [...connections].filter(({ pass }) => !pass.isLeftOpen),
    environment.random,
  );
  const startedAt = environment.now();
  let next = 0;
  let destroyed = 0;
  let cancelStep: (() => void) | undefined;

  // One slot each, at a random point in it: as spread out as independent draws, but never bunched.
  const dueAt = queue.map((_, index) => startedAt + ((index + environment.random()) / queue.length) * spreadMs);

  function step() {
    // A timer can come before the end of the tick that published something.
    flush();
    const now = environment.now();
    while (next < queue.length && dueAt[next]! <= now) {
      queue[next]!.end(encodeBye("shutdown", awayRetryMs(spreadMs, environment.random)), "shutdown");
      next++;
    }
    cancelStep = next < queue.length ? environment.setTimer(step, Math.max(1, dueAt[next]! - now)) : undefined;
  }

  return new Promise((resolve) => {
    const cancelDeadline = environment.setTimer(() => {
      for (const connection of [...connections]) {
        destroyed++;
        connection.destroy("shutdown");
      }
    }, timeoutMs);
    step();
    whenEmpty(() => {
      cancelStep?.();
      cancelDeadline();
      resolve({ ended: total - destroyed, destroyed });
    });
  });
}

function shuffle<Item>(items: Item[], random: () => number): Item[] {
  for (let index = items.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [items[index], items[other]] = [items[other]!, items[index]!];
  }
  return items;
}
