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
const retry = fail({ delayMs: 50, notBeforeMs: 0 });
const demanded = fail({ delayMs: 50, notBeforeMs: 40 });

const events = {
  retain: { type: "retain" },
  release: { type: "release" },
  connect: { type: "connect", now: 100 },
  reconnect: { type: "reconnect", now: 100 },
  close: { type: "close", now: 100 },
  opened: { type: "opened" },
  retry,
  refresh: fail("refresh"),
  stop: fail("error"),
  ready: { type: "ready" },
} as const satisfies Record<string, MachineEvent>;

const walk = (...steps: MachineEvent[]): Situation =>
  steps.reduce<Situation>((situation, event) => transition(situation, event) ?? situation, initialSituation);

const reached: Record<MachineState, Situation> = {
  idle: initialSituation,
  connecting: walk(events.retain),
  open: walk(events.retain, events.opened),
  waiting: walk(events.retain, events.retry),
  refreshing: walk(events.retain, events.refresh),
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

test("connecting after a final error forgets the attempts and the cause", () => {
  const [, context] = walk(events.retain, retry, events.ready, events.stop, events.connect);
  expect(context).toMatchObject({ attempt: 0, cause: null, reason: null, refreshed: false });
});

test("a wait the server demanded is not shortened by connect", () => {
  const [state, context] = walk(events.retain, demanded, { type: "connect", now: 120 });
  expect(state).toBe("waiting");
  expect(context.nextRetryAt).toBe(140);
  expect(walk(events.retain, demanded, { type: "connect", now: 140 })[0]).toBe("connecting");
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

test("random walks keep their invariants", () => {
  const anyEvent = fc.constantFrom<MachineEvent>(...Object.values(events), demanded);
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 200 }), (steps) => {
      let situation = initialSituation;
      for (const event of steps) {
        situation = transition(situation, event) ?? situation;
        const [state, context] = situation;
        expect(context.nextRetryAt !== null).toBe(state === "waiting");
        expect(context.reason !== null).toBe(state === "closed");
        if (state === "idle") expect(context).toBe(initialSituation[1]);
        if (state === "open") expect(context.cause).toBeNull();
        if (state === "waiting" || state === "refreshing") expect(context.cause).not.toBeNull();
      }
    }),
    { numRuns: 2_000 },
  );
});
