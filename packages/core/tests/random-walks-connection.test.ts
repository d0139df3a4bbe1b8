import fc from "fast-check";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { expect, test } from "vitest";
import type { Cursor } from "../src/channels/cursor.ts";
import type { Attempt } from "../src/connection/attempt.ts";
import { createConnection } from "../src/connection/connection.ts";
import { SSEError, type SSEErrorDetails } from "../src/errors.ts";
import { createBatch } from "../src/store/batch.ts";
import { checkState, countLingering, createMachineActions, LINGER_MS } from "./support/random-walk.ts";

/*
 * 10,000 walks of 200 steps over the connection with everything around it: machine, timers, page, watchdog, refreshes.
 * The streams are the test's; those that were superseded go on talking.
 */

/** A connection, what can happen to it, and what must never be seen of it. */
function createWalk(options: Partial<Parameters<typeof createConnection>[0]>, isRepeatable: boolean) {
  const environment = createFakeEnvironment();
  const { clock } = environment;
  const cursor: Cursor = { contract: false, resume: null, transport: "fetch", retryMs: 0, lastEventId: "" };
  const attempts: Attempt[] = [];
  const faults: string[] = [];
  const refreshes: { resolve: () => void; reject: (error: Error) => void; signal: AbortSignal }[] = [];
  let isClosed = false;
  const leftAts: number[] = [];
  const live = () => attempts.filter(({ signal }) => !signal.aborted).length;
  const check = (isFine: boolean, fault: string) => isFine || faults.push(`${fault} at ${clock.now()}`);

  const connection = createConnection(
    {
      lingerMs: LINGER_MS,
      onUnauthorized: ({ signal }) => new Promise((resolve, reject) => refreshes.push({ resolve, reject, signal })),
      ...options,
    },
    environment,
    createBatch(environment.requestFlush),
    cursor,
    () => isRepeatable,
    (attempt) => {
      attempts.push(attempt);
      check(live() === 1, "two attempts under way");
    },
    () => {},
    () => check(!isClosed, "an error after close()"),
  );

  const held: (() => void)[] = [];
  const attemptAt = (pick: number) => attempts[attempts.length - 1 - (pick % 3)];
  const fail = (code: SSEError["code"], details?: SSEErrorDetails) => (pick: number) =>
    attemptAt(pick)?.failed(new SSEError(code, "x", details));
  const actions: Record<string, (pick: number) => void> = {
    retain: (pick) => void held.push(connection.wanted.add(pick % 2 ? "a" : "")),
    leave: (pick) => {
      held.splice(pick % held.length || 0, 1)[0]?.();
      leftAts.push(clock.now());
    },
    connect: () => {
      isClosed = false;
      connection.connect();
    },
    reconnect: () => {
      isClosed = false;
      connection.reconnect();
    },
    disconnect: () => {
      isClosed = false;
      connection.disconnect();
      isClosed = true;
      attempts.splice(0, attempts.length - 3);
    },
    pause: (pick) => !isClosed && connection.pause(`${pick % 2}`),
    resume: (pick) => !isClosed && connection.resume(`${pick % 2}`),
    authenticate: () => connection.renew(true),
    renew: () => connection.renew(),
    opened: (pick) => attemptAt(pick)?.opened(),
    hear: (pick) => attemptAt(pick)?.hear(),
    // Whatever a stream tells comes as bytes, and those open it.
    expect: (pick) => {
      attemptAt(pick)?.opened();
      attemptAt(pick)?.expect([null, 0, 1_000, 15_000][(pick >> 2) % 4]!);
    },
    healthy: (pick) => attemptAt(pick)?.healthy(),
    break: fail("network"),
    end: fail("ended"),
    goodbye: fail("bye", { reason: "shutdown", retryAfterMs: 3_000 }),
    expire: fail("bye", { reason: "expired" }),
    refuse: fail("unauthorized", { status: 401 }),
    busy: fail("http", { status: 503, retryAfterMs: 7_000 }),
    stop: fail("http", { status: 204 }),
    refreshed: () => refreshes.pop()?.resolve(),
    unrefreshed: (pick) => refreshes.pop()?.reject(pick % 2 ? new Error("x") : new SSEError("unauthorized", "x")),
    resumed: () => environment.emitPageEvent("resume"),
    ...createMachineActions(environment),
  };

  /** @returns the first thing that is wrong */
  const look = (): string | undefined => {
    const state = connection.status.get();
    const { status, nextRetryAt, pausedBy } = state;
    const { timers, listeners } = environment.leaks();
    const isAtRest = status === "idle" || status === "closed";
    const lingering = countLingering(leftAts, environment);
    checkState(check, state, environment, { live: live(), lingering, isClosed });
    check(
      status !== "paused" || timers <= lingering + (environment.isHidden() ? 1 : 0),
      `${timers} timers while paused`,
    );
    check(listeners <= 1, `${listeners} listeners`);
    check(
      !isAtRest || !pausedBy.some((name) => name === "left" || name === "hidden"),
      "the page pauses what is at rest",
    );
    check(nextRetryAt === null || nextRetryAt >= clock.now(), "the retry time has passed");
    return faults[0];
  };
  return { actions, look };
}

// SPEC 12
test("no walk over the connection leaves its invariants", { timeout: 60_000 }, async () => {
  const names = Object.keys(createWalk({}, true).actions);
  const step = fc.nat({ max: names.length * 100 - 1 });
  const settings = fc.record({
    heartbeatMs: fc.constantFrom(null, 1_000, 15_000),
    pauseHiddenAfterMs: fc.constantFrom(null, 0, 5_000),
    retry: fc.constantFrom(true, false, { maxAttempts: 3 }),
  });
  const walk = fc.asyncProperty(
    settings,
    fc.boolean(),
    fc.array(step, { minLength: 200, maxLength: 200, size: "max" }),
    async (options, isRepeatable, steps) => {
      const { actions, look } = createWalk(options, isRepeatable);
      const taken: string[] = [];
      for (const number of steps) {
        const name = names[number % names.length]!;
        taken.push(name);
        actions[name]!(Math.floor(number / names.length));
        // A refresh ends some promises later.
        if (name.endsWith("refreshed")) for (let job = 0; job < 5; job++) await null;
        const fault = look();
        if (fault) throw new Error(`${fault}: ${taken.slice(-12)}`);
      }
    },
  );
  await fc.assert(walk, { numRuns: 10_000, seed: 1 });
  expect(names).toHaveLength(33);
});
