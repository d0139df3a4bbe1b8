import fc from "fast-check";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness, type HarnessRequest } from "test-kit/fetch-harness";
import { expect, test } from "vitest";
import { type ClientOptions, createSSEClient } from "../src/index.ts";
import { checkState, countLingering, createMachineActions, LINGER_MS } from "./support/random-walk.ts";
import { frame, hello } from "./support/test-client.ts";

/*
 * 500 walks of 200 steps over a whole client, from what a user calls to the bytes of fetch. The 10,000 walks over its
 * connection alone are in random-walks-connection.test.ts: with promises and streams that many would take minutes.
 */

const turn = () => new Promise(setImmediate);

function createWalk(options: Partial<ClientOptions>) {
  const harness = createFetchHarness();
  const faults: string[] = [];
  const check = (isFine: boolean, fault: string) => isFine || faults.push(fault);
  /** Requests that the client has not let go of and that have not ended by themselves. */
  const over = new WeakSet<HarnessRequest>();
  const live = () =>
    harness.requests.filter((request) => !request.aborted && !request.bodyCancelled && !over.has(request));
  const environment = createFakeEnvironment({
    fetch: (input, init) => {
      check(live().length === 0, "a request beside another");
      check(!isClosed, "a request after close()");
      return harness.fetch(input, init);
    },
  });
  const { clock } = environment;
  let isClosed = false;
  const leftAts: number[] = [];
  let position = 0;
  let heard = 0;
  const hear = (what: string) => () => {
    heard++;
    check(!isClosed, `${what} after close()`);
  };
  const client = createSSEClient({
    url: "http://host.test/events",
    environment,
    lingerMs: LINGER_MS,
    onUnauthorized: () => turn().then(() => {}),
    onError: hear("an error"),
    ...options,
  });
  for (const type of ["connected", "reconnecting", "error", "message"] as const) client.on(type, hear(type));

  const held: (() => void)[] = [];
  const open = (change: (request: HarnessRequest) => void) => () => {
    const request = live().at(-1);
    if (!request) return;
    if (!answered.has(request)) request.respond();
    answered.add(request);
    change(request);
  };
  const answered = new WeakSet<HarnessRequest>();
  const end = (change: (request: HarnessRequest) => void) =>
    open((request) => {
      over.add(request);
      change(request);
    });
  const answer =
    (status: number, headers: Record<string, string> = {}) =>
    () => {
      const request = live().at(-1);
      if (!request || answered.has(request)) return;
      answered.add(request);
      over.add(request);
      request.respond({ status, headers });
      if (status !== 204) request.end();
    };
  const begin = (start: () => void) => () => {
    isClosed = false;
    start();
  };
  const stop = (call: () => void) => () => {
    isClosed = false;
    call();
    isClosed = true;
  };
  const actions: Record<string, (pick: number) => void> = {
    retain: (pick) => void held.push(pick % 2 ? client.retain() : client.channel(`${pick}`).on(hear("a message"))),
    leave: (pick) => {
      held.splice(pick % held.length || 0, 1)[0]?.();
      leftAts.push(clock.now());
    },
    connect: begin(client.connect),
    reconnect: begin(client.reconnect),
    disconnect: stop(client.disconnect),
    close: stop(client.close),
    pause: (pick) => client.pause(`${pick % 2}`),
    resume: (pick) => client.resume(`${pick % 2}`),
    authenticate: (pick) => client.authenticate({ authorization: `${pick}` }),
    open: open(() => {}),
    byte: open((request) => request.push(":")),
    hello: open((request) => request.push(hello({ pos: `${position}` }))),
    message: open((request) => request.push(frame("message", position, `abc123.${position++}`))),
    nonsense: open((request) => request.push("event: message\ndata: {\n\nretry: 700\n\n")),
    goodbye: open((request) => request.push(frame("sse.bye", { reason: "shutdown", retryMs: 2_000 }))),
    expire: open((request) => request.push(frame("sse.bye", { reason: "expired" }))),
    end: end((request) => request.end()),
    break: end((request) => request.breakBody()),
    204: answer(204),
    401: answer(401),
    404: answer(404),
    503: answer(503, { "retry-after": "7" }),
    page: answer(200, { "content-type": "text/html" }),
    ...createMachineActions(environment),
  };

  const look = (): string | undefined => {
    const state = client.status.get();
    const { status, nextRetryAt } = state;
    const isQuiet = status === "idle" || status === "closed" || status === "paused" || nextRetryAt !== null;
    check(harness.openStreams <= (isQuiet ? 0 : 1), `${harness.openStreams} streams while ${status}`);
    const lingering = countLingering(leftAts, environment);
    checkState(check, state, environment, { live: live().length, lingering, isClosed });
    return faults[0];
  };
  return { actions, look, heard: () => heard };
}

// SPEC 12
test("no walk over a client leaves its invariants", { timeout: 60_000 }, async () => {
  // What brings a client back is as likely as what stops it.
  const names = [
    ...Object.keys(createWalk({}).actions),
    "connect",
    "connect",
    "retain",
    "resume",
    "pageshow",
    "message",
  ];
  let heard = 0;
  const step = fc.nat({ max: names.length * 100 - 1 });
  const settings = fc.record({
    heartbeatMs: fc.constantFrom(null, 1_000, 15_000),
    pauseHiddenAfterMs: fc.constantFrom(null, 0, 5_000),
    contract: fc.boolean(),
    method: fc.constantFrom("GET", "POST"),
    retry: fc.constantFrom(true, false, { maxAttempts: 3 }),
  });
  const walk = fc.asyncProperty(
    settings,
    fc.array(step, { minLength: 200, maxLength: 200, size: "max" }),
    async (options, steps) => {
      const { actions, look, heard: count } = createWalk(options);
      const taken: string[] = [];
      for (const number of steps) {
        const name = names[number % names.length]!;
        taken.push(name);
        actions[name]!(Math.floor(number / names.length));
        await turn();
        await turn();
        const fault = look();
        if (fault) throw new Error(`${fault}: ${taken.slice(-12)}`);
      }
      heard += count();
    },
  );
  await fc.assert(walk, { numRuns: 500, seed: 1 });
  // The walks do get somewhere.
  expect(heard).toBeGreaterThan(5_000);
});
