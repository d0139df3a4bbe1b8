import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";
import { describe, expect, test, vi } from "vitest";
import { type ClientOptions, createSSEClient } from "../src/index.ts";
import { frame } from "./support/test-client.ts";
import { createWatched, DEAD, helloOf, INTERVAL } from "./support/watched-client.ts";

// SPEC 28
describe("a machine that slept", () => {
  test("replaces a dead stream once, within a second of waking", async () => {
    const { environment, harness, onError, client, openAgain } = await createWatched();
    environment.clock.sleep(600_000);
    await environment.clock.advanceAsync(1_000);
    expect(harness.requests).toHaveLength(2);
    expect(onError).toHaveBeenCalledOnce();
    await openAgain();
    await environment.clock.advanceAsync(1_000);
    expect(client.status.get()).toMatchObject({ status: "open" });
    expect(harness.requests).toHaveLength(2);
  });

  test("keeps a stream for which bytes were queued", async () => {
    const { client, environment, say, harness, onError } = await createWatched();
    environment.clock.sleep(600_000);
    environment.clock.advance(0);
    await say(":\n");
    await environment.clock.advanceAsync(10_000);
    expect(client.status.get()).toMatchObject({ status: "open", stale: false });
    expect(harness.requests).toHaveLength(1);
    expect(onError).not.toHaveBeenCalled();
  });

  test("that slept less than the deadline waits for the rest of it", async () => {
    const { client, environment } = await createWatched();
    environment.clock.sleep(20_000);
    environment.clock.advance(0);
    expect(client.status.get()).toMatchObject({ status: "open", stale: true });
    environment.clock.advance(4_999);
    expect(client.status.get().status).toBe("open");
    environment.clock.advance(1);
    expect(client.status.get().status).toBe("reconnecting");
  });

  test("does not hurry past a wait for the server", async () => {
    const { client, environment, request, settle, harness } = await createWatched();
    request.push(frame("sse.bye", { reason: "shutdown", retryMs: 900_000 }));
    await settle();
    environment.clock.sleep(600_000);
    environment.emitPageEvent("online");
    await settle();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: 900_000 });
    expect(harness.requests).toHaveLength(1);
  });

  test("makes an attempt that fell due meanwhile, once and soon", async () => {
    const { environment, request, settle, harness } = await createWatched();
    request.push(frame("sse.bye", { reason: "shutdown", retryMs: 60_000 }));
    await settle();
    environment.clock.sleep(600_000);
    await environment.clock.advanceAsync(1_000);
    expect(harness.requests).toHaveLength(2);
  });

  test.each(["visibilitychange", "online", "resume", "pageshow"] as const)("looks at once on %s", async (event) => {
    const { client, environment, harness } = await createWatched();
    environment.clock.sleep(600_000);
    environment.emitPageEvent(event);
    expect(client.status.get().stale).toBe(true);
    await environment.clock.advanceAsync(500);
    expect(harness.requests).toHaveLength(2);
  });

  test("makes one request for several wake events", async () => {
    const { environment, harness } = await createWatched();
    environment.setHidden(true);
    environment.clock.sleep(600_000);
    environment.setHidden(false);
    for (const event of ["resume", "pageshow", "online", "online"] as const) environment.emitPageEvent(event);
    await environment.clock.advanceAsync(250);
    environment.emitPageEvent("online");
    await environment.clock.advanceAsync(5_000);
    expect(harness.requests).toHaveLength(2);
  });

  test("is not fooled by a page event while all is well", async () => {
    const { client, environment, harness } = await createWatched();
    for (let round = 0; round < 10; round++) {
      environment.clock.advance(1_000);
      environment.emitPageEvent("online");
    }
    expect(client.status.get()).toMatchObject({ status: "open", stale: false });
    expect(harness.requests).toHaveLength(1);
  });
});

// SPEC 28
describe("a page whose timers are rare", () => {
  /** Runs what is due every minute only, as browsers do for a page that has been hidden for long. */
  const throttle = async (environment: {
    clock: { sleep(ms: number): void; advanceAsync(ms: number): Promise<void> };
  }) => {
    environment.clock.sleep(60_000);
    await environment.clock.advanceAsync(0);
  };

  test("gives up a dead stream nevertheless", async () => {
    const { client, environment } = await createWatched();
    environment.setHidden(true);
    for (let minute = 0; minute < 2; minute++) await throttle(environment);
    expect(client.status.get()).toMatchObject({ cause: { code: "timeout" } });
  });

  test("keeps one whose heartbeats come", async () => {
    const { client, environment, say, harness } = await createWatched({}, helloOf(30_000));
    environment.setHidden(true);
    for (let minute = 0; minute < 10; minute++) {
      await throttle(environment);
      await say(":\n");
    }
    expect(client.status.get()).toMatchObject({ status: "open", stale: false });
    expect(harness.requests).toHaveLength(1);
  });

  test("one that was frozen handles the time that has passed once", async () => {
    const { environment, client } = await createWatched();
    const timers = vi.fn();
    client.status.subscribe(timers);
    environment.setHidden(true);
    timers.mockClear();
    environment.clock.sleep(3_600_000);
    environment.emitPageEvent("resume");
    await environment.clock.advanceAsync(0);
    // Stale, and what every page event publishes: not one change per interval missed.
    expect(timers.mock.calls.length).toBeLessThanOrEqual(2);
  });

  test.each([INTERVAL, null])(
    "one that was frozen has its stream replaced if nothing comes on it (heartbeat %s)",
    async (heartbeatMs) => {
      const { environment, harness, client, say } = await createWatched({}, helloOf(heartbeatMs));
      environment.emitPageEvent("resume");
      environment.emitPageEvent("resume");
      await say(": alive\n\n");
      await environment.clock.advanceAsync(10_000);
      expect(harness.requests).toHaveLength(1);
      environment.emitPageEvent("resume");
      await environment.clock.advanceAsync(499);
      expect(harness.requests).toHaveLength(1);
      await environment.clock.advanceAsync(1);
      expect(harness.requests).toHaveLength(2);
      expect(client.status.get().attempt).toBe(1);
    },
  );

  test("what ends meanwhile ends the doubt, too", async () => {
    const { environment, client } = await createWatched();
    environment.emitPageEvent("resume");
    client.close();
    await environment.clock.advanceAsync(0);
    environment.flush();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("a socket that died in the background without an error is replaced when the page is seen", async () => {
    const { client, environment, harness, openAgain } = await createWatched();
    environment.setHidden(true);
    environment.clock.sleep(120_000);
    environment.setHidden(false);
    await environment.clock.advanceAsync(500);
    expect(harness.requests).toHaveLength(2);
    await openAgain();
    expect(client.status.get().status).toBe("open");
  });
});

// SPEC 23, 28
describe("a clock that is set back by an hour", () => {
  const createSetBack = (options: Partial<ClientOptions> = {}) => {
    const harness = createFetchHarness();
    const environment = createFakeEnvironment({ fetch: harness.fetch, start: 10 * 3_600_000 });
    let shift = 0;
    const now = () => environment.now() + shift;
    const client = createSSEClient({ url: "http://host.test/", environment: { ...environment, now }, ...options });
    client.channel("message").on(() => {});
    return { client, environment, harness, setBack: () => (shift = -3_600_000) };
  };

  test("does not prolong a wait", async () => {
    const { client, environment, harness, setBack } = createSetBack();
    environment.setRandom(1);
    (await harness.nextRequest()).respond({ status: 503, headers: { "retry-after": "5" } });
    harness.requests[0]!.end();
    await environment.clock.advanceAsync(1_000);
    setBack();
    await environment.clock.advanceAsync(5_999);
    expect(client.status.get().nextRetryAt).not.toBeNull();
    await environment.clock.advanceAsync(1);
    expect(harness.requests).toHaveLength(2);
  });

  test("delays the end of a silent stream by what had passed, not by an hour", async () => {
    const { client, environment, harness, setBack } = createSetBack({ heartbeatMs: INTERVAL });
    (await harness.nextRequest()).respond();
    await environment.clock.advanceAsync(10_000);
    setBack();
    await environment.clock.advanceAsync(1_000 + DEAD);
    expect(client.status.get().cause).toMatchObject({ code: "timeout" });
  });
});
