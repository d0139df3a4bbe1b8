import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  initialSituation,
  type MachineEvent,
  type MachineState,
  type Situation,
  transition,
} from "../src/connection/machine.ts";
import { SSEError } from "../src/errors.ts";

const cause = new SSEError("network", "down");
const fail = (decision: Extract<MachineEvent, { type: "failed" }>["decision"]): MachineEvent => ({
  type: "failed",
  cause,
  decision,
  now: 100,
});
const retry = fail({ delayMs: 50, notBeforeMs: 0, counts: 1 });
const demanded = fail({ delayMs: 50, notBeforeMs: 40, counts: 1 });
const uncounted = fail({ delayMs: 50, notBeforeMs: 0, counts: 0 });

const events = {
  retain: { type: "retain", now: 100 },
  release: { type: "release", now: 100 },
  connect: { type: "connect", now: 100 },
  reconnect: { type: "reconnect", now: 100 },
  close: { type: "close", now: 100 },
  opened: { type: "opened", now: 100 },
  retry,
  refresh: fail("refresh"),
  stop: fail("error"),
  ready: { type: "ready", now: 100 },
  pause: { type: "pause", now: 100 },
  resume: { type: "resume", now: 100 },
} as const satisfies Record<string, MachineEvent>;

const walk = (...steps: MachineEvent[]): Situation =>
  steps.reduce<Situation>((situation, event) => transition(situation, event) ?? situation, initialSituation);

const reached: Record<MachineState, Situation> = {
  idle: initialSituation,
  connecting: walk(events.retain),
  open: walk(events.retain, events.opened),
  waiting: walk(events.retain, events.retry),
  refreshing: walk(events.retain, events.refresh),
  paused: walk(events.retain, events.pause),
  closed: walk(events.retain, events.stop),
};

// SPEC 10: what every event does in every state; null is "nothing".
const expected: Record<MachineState, Record<keyof typeof events, MachineState | null>> = {
  idle: {
    retain: "connecting",
    release: null,
    connect: "connecting",
    reconnect: "connecting",
    close: "closed",
    opened: null,
    retry: null,
    refresh: null,
    stop: null,
    ready: null,
    pause: null,
    resume: null,
  },
  connecting: {
    retain: null,
    release: "idle",
    connect: null,
    reconnect: "connecting",
    close: "closed",
    opened: "open",
    retry: "waiting",
    refresh: "refreshing",
    stop: "closed",
    ready: null,
    pause: "paused",
    resume: null,
  },
  open: {
    retain: null,
    release: "idle",
    connect: null,
    reconnect: "connecting",
    close: "closed",
    opened: null,
    retry: "waiting",
    refresh: "refreshing",
    stop: "closed",
    ready: null,
    pause: "paused",
    resume: null,
  },
  waiting: {
    retain: null,
    release: "idle",
    connect: "connecting",
    reconnect: "connecting",
    close: "closed",
    opened: null,
    retry: null,
    refresh: null,
    stop: null,
    ready: "connecting",
    pause: "paused",
    resume: null,
  },
  refreshing: {
    retain: null,
    release: "idle",
    connect: null,
    reconnect: null,
    close: "closed",
    opened: null,
    retry: "waiting",
    refresh: "refreshing",
    stop: "closed",
    ready: "connecting",
    pause: "paused",
    resume: null,
  },
  paused: {
    retain: null,
    release: "idle",
    connect: null,
    reconnect: null,
    close: "closed",
    opened: null,
    retry: null,
    refresh: null,
    stop: null,
    ready: null,
    pause: null,
    resume: "connecting",
  },
  closed: {
    retain: null,
    release: "idle",
    connect: "connecting",
    reconnect: "connecting",
    close: "closed",
    opened: null,
    retry: null,
    refresh: null,
    stop: null,
    ready: null,
    pause: null,
    resume: null,
  },
};

describe("every event in every state", () => {
  for (const [state, row] of Object.entries(expected))
    for (const [name, next] of Object.entries(row))
      test(`${state} + ${name} → ${next ?? "nothing"}`, () => {
        const from = reached[state as MachineState];
        expect(from[0]).toBe(state);
        expect(transition(from, events[name as keyof typeof events])?.[0] ?? null).toBe(next);
      });
});

test("a user's close stands when everyone leaves and comes back", () => {
  const closed = walk(events.retain, events.close);
  expect(transition(closed, events.release)).toBeNull();
  expect(transition(closed, events.retain)).toBeNull();
  expect(transition(closed, events.connect)?.[0]).toBe("connecting");
});

// SPEC 24
test("connecting after a final error forgets the attempts and the cause", () => {
  const [, context] = walk(events.retain, retry, events.ready, events.stop, events.connect);
  expect(context).toMatchObject({ attempt: 0, cause: null, reason: null, refreshed: false });
});

// SPEC 24
test("a wait the server demanded is not shortened by connect", () => {
  const [state, context] = walk(events.retain, demanded, { type: "connect", now: 120 });
  expect(state).toBe("waiting");
  expect(context.nextRetryAt).toBe(140);
  expect(walk(events.retain, demanded, { type: "connect", now: 140 })[0]).toBe("connecting");
});

// SPEC 24
test("what the server demanded outlasts being paused, closed and left", () => {
  const waiting = walk(events.retain, demanded);
  const at = (time: number) => ({ now: time });
  for (const [leave, comeBack] of [
    [events.pause, "resume"],
    [events.close, "connect"],
    [events.release, "retain"],
  ] as const) {
    const away = transition(waiting, leave)!;
    expect(transition(away, { type: comeBack, ...at(139) })).toMatchObject(["waiting", { nextRetryAt: 140 }]);
    expect(transition(away, { type: comeBack, ...at(140) })?.[0]).toBe("connecting");
  }
});

test("a failure without a network does not count as an attempt", () => {
  expect(walk(events.retain, uncounted, events.ready, uncounted)[1].attempt).toBe(0);
});

test("a refresh that a pause has interrupted may happen again", () => {
  expect(walk(events.retain, events.refresh, events.pause, events.resume)[1].refreshed).toBe(false);
});

test("a stream that opens clears the cause and the demand but keeps the count", () => {
  const [, context] = walk(events.retain, demanded, events.ready, events.opened);
  expect(context).toMatchObject({ attempt: 1, cause: null, notBefore: 0, nextRetryAt: null });
});

test("credentials are refreshed once until a stream has proved healthy, and again after a refresh that failed on the way", () => {
  expect(walk(events.retain, events.refresh)[1].refreshed).toBe(true);
  expect(walk(events.retain, events.refresh, retry)[1].refreshed).toBe(false);
  expect(walk(events.retain, events.refresh, events.ready, events.opened)[1].refreshed).toBe(true);
});

// SPEC 11
test("random walks keep their invariants", { timeout: 60_000 }, () => {
  const anyEvent = fc.constantFrom<MachineEvent>(...Object.values(events), demanded, uncounted);
  /** What is wrong with a situation. */
  const faults = ([state, context]: Situation): unknown => {
    const { cause, nextRetryAt, notBefore, reason } = context;
    const rules = {
      "a retry time exactly while waiting": (nextRetryAt !== null) === (state === "waiting"),
      "a reason exactly while closed": (reason !== null) === (state === "closed"),
      "nothing but the server's demand while idle":
        state !== "idle" || JSON.stringify(context) === JSON.stringify({ ...initialSituation[1], notBefore }),
      "no cause while open": state !== "open" || cause === null,
      "a cause while refreshing": state !== "refreshing" || cause !== null,
      // Without a failure only what the server demanded earlier is waited for.
      "a cause or a demand while waiting": state !== "waiting" || cause !== null || nextRetryAt === notBefore,
    };
    return Object.entries(rules).find(([, holds]) => !holds)?.[0];
  };
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 200, maxLength: 200 }), (steps) => {
      let situation = initialSituation;
      for (const event of steps) {
        situation = transition(situation, event) ?? situation;
        const fault = faults(situation);
        if (fault) throw new Error(`${fault}: ${JSON.stringify(situation)}`);
      }
    }),
    { numRuns: 10_000 },
  );
});
