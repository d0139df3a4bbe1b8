import { describe, expect, test, vi } from "vitest";
import { createTestClient, type TestClient } from "./support/test-client.ts";

const noop = () => {};
const nothing = { timers: 0, flushes: 0, listeners: 0 };

/** How a client gets into each state. */
const reach: Record<string, (test: TestClient<never>) => Promise<void>> = {
  async idle() {},
  async connecting({ client }) {
    client.channel("a").on(noop);
  },
  async open({ client, open }) {
    client.channel("a").on(noop);
    await open();
  },
  async waiting({ client, harness, settle }) {
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
  },
  async refreshing({ client, harness, settle }) {
    client.channel("a").on(noop);
    const request = await harness.nextRequest();
    request.respond({ status: 401 });
    request.end();
    await settle();
  },
  async closed({ client, harness, settle }) {
    client.channel("a").on(noop);
    (await harness.nextRequest()).respond({ status: 204 });
    await settle();
  },
};

// SPEC 25
describe("pausing", () => {
  test.each([
    ["idle", "idle", "idle"],
    ["connecting", "paused", "connecting"],
    ["open", "paused", "connecting"],
    ["waiting", "paused", "reconnecting"],
    ["refreshing", "paused", "reconnecting"],
    ["closed", "closed", "closed"],
  ])("a client that is %s becomes %s, sends nothing, and %s when resumed", async (state, paused, resumed) => {
    const subject = createTestClient<never>({ onUnauthorized: () => new Promise<void>(noop) });
    const { client, environment, harness, settle } = subject;
    await reach[state]!(subject);
    await settle();
    const sent = harness.requests.length;
    client.pause();
    expect(client.status.get()).toMatchObject({ status: paused, pausedBy: ["user"], nextRetryAt: null });
    expect(environment.leaks().timers).toBe(0);
    expect(harness.openStreams).toBe(0);
    environment.clock.advance(60_000);
    await settle();
    expect(harness.requests).toHaveLength(sent);
    client.resume();
    expect(client.status.get()).toMatchObject({ status: resumed, pausedBy: [] });
  });

  test("every reason has to be given back, and the state shows those that have not been", async () => {
    const { client, harness, open, settle } = createTestClient();
    client.channel("a").on(noop);
    await open();
    client.pause("a");
    client.pause("b");
    client.pause("a");
    expect(client.status.get()).toMatchObject({ status: "paused", pausedBy: ["a", "b"] });
    client.resume("a");
    await settle();
    expect(client.status.get()).toMatchObject({ status: "paused", pausedBy: ["b"] });
    expect(harness.requests).toHaveLength(1);
    client.resume("b");
    await open();
    expect(client.status.get()).toMatchObject({ status: "open", pausedBy: [] });
    expect(harness.requests).toHaveLength(2);
  });

  test("a reason that was never given cannot be given back", async () => {
    const { client, open, harness, settle } = createTestClient();
    client.channel("a").on(noop);
    await open();
    const onChange = vi.fn();
    client.status.subscribe(onChange);
    client.resume("a");
    expect(onChange).not.toHaveBeenCalled();
    client.pause("b");
    client.resume("a");
    await settle();
    expect(client.status.get()).toMatchObject({ status: "paused", pausedBy: ["b"] });
    expect(harness.requests).toHaveLength(1);
  });

  test("attempts and cause outlast it", async () => {
    const { client, environment, harness, settle } = createTestClient();
    environment.setRandom(1);
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    client.pause();
    expect(client.status.get()).toMatchObject({ attempt: 1, cause: { code: "network" } });
    client.resume();
    (await harness.nextRequest()).fail();
    await settle();
    expect(client.status.get()).toMatchObject({ attempt: 2, nextRetryAt: 4_000 });
  });

  test("what the server demanded by Retry-After outlasts it", async () => {
    const { client, environment, harness, settle } = createTestClient();
    environment.setRandom(0);
    client.channel("a").on(noop);
    const request = await harness.nextRequest();
    request.respond({ status: 503, headers: { "retry-after": "30" } });
    request.end();
    await settle();
    client.pause();
    environment.clock.advance(10_000);
    client.resume();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: 30_000 });
    environment.clock.advance(19_999);
    await settle();
    expect(harness.requests).toHaveLength(1);
    environment.clock.advance(1);
    await settle();
    expect(harness.requests).toHaveLength(2);
  });

  test("a client that comes back to a server's demand while paused is paused, not waiting", async () => {
    const { client, environment, harness, settle } = createTestClient();
    const end = client.channel("a").on(noop);
    const request = await harness.nextRequest();
    request.respond({ status: 503, headers: { "retry-after": "30" } });
    request.end();
    await settle();
    end();
    environment.clock.advance(1_000);
    client.pause();
    client.channel("a").on(noop);
    expect(client.status.get()).toMatchObject({ status: "paused", nextRetryAt: null });
    client.resume();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: 30_000 });
  });

  test("the next stream continues where the paused one ended", async () => {
    const { client, open, settle } = createTestClient();
    const heard: unknown[] = [];
    client.channel("message").on(({ data }) => heard.push(data));
    const first = await open();
    first.push("id: 1\ndata: 1\n\n");
    await settle();
    client.pause();
    first.push("id: 2\ndata: 2\n\n");
    await settle();
    expect(first.aborted).toBe(true);
    expect(heard).toEqual([1]);
    client.resume();
    const second = await open();
    expect(second.headers.get("last-event-id")).toBe("1");
  });

  test("pausing in a handler stops the rest of the chunk, which comes again", async () => {
    const { client, open, settle } = createTestClient();
    const heard: unknown[] = [];
    client.channel("message").on(({ data }) => {
      heard.push(data);
      client.pause();
    });
    (await open()).push("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n");
    await settle();
    expect(heard).toEqual([1]);
    client.resume();
    expect((await open()).headers.get("last-event-id")).toBe("1");
  });

  test("nobody gets a connection out of a paused client", async () => {
    const { client, environment, harness, settle } = createTestClient();
    client.pause("a");
    client.channel("a").on(noop);
    expect(client.status.get().status).toBe("paused");
    client.connect();
    client.reconnect();
    client.authenticate({ authorization: "x" });
    client.retain();
    environment.emitPageEvent("online");
    environment.emitPageEvent("pageshow");
    environment.clock.advance(60_000);
    await settle();
    expect(client.status.get().status).toBe("paused");
    expect(harness.requests).toHaveLength(0);
    client.resume("a");
    await settle();
    expect(harness.requests).toHaveLength(1);
  });

  test("closing wins over it, and connect() then waits for resume", async () => {
    const { client, environment, harness, open, settle } = createTestClient();
    client.channel("a").on(noop);
    await open();
    client.pause("a");
    client.close();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "user", pausedBy: ["a"] });
    environment.flush();
    expect(environment.leaks()).toEqual(nothing);
    client.connect();
    await settle();
    expect(client.status.get()).toMatchObject({ status: "paused", reason: null });
    expect(harness.requests).toHaveLength(1);
    client.resume("a");
    await open();
    expect(client.status.get().status).toBe("open");
  });

  test("resuming a closed client leaves it closed", async () => {
    const { client, open, harness, settle } = createTestClient();
    client.channel("a").on(noop);
    await open();
    client.pause();
    client.close();
    client.resume();
    await settle();
    expect(client.status.get()).toMatchObject({ status: "closed", pausedBy: [] });
    expect(harness.requests).toHaveLength(1);
  });

  test("a paused client that everyone leaves is idle and holds on to nothing", async () => {
    const { client, environment, open } = createTestClient({ lingerMs: 500 });
    const end = client.channel("a").on(noop);
    await open();
    client.pause();
    end();
    environment.clock.advance(500);
    environment.flush();
    expect(client.status.get()).toMatchObject({ status: "idle", pausedBy: ["user"] });
    expect(environment.leaks()).toEqual(nothing);
  });

  test("a refresh that was interrupted is due again, and its outcome is ignored", async () => {
    const ends: (() => void)[] = [];
    const signals: AbortSignal[] = [];
    const subject = createTestClient<never>({
      onUnauthorized({ signal }) {
        signals.push(signal);
        return new Promise((resolve) => ends.push(resolve));
      },
    });
    const { client, harness, settle } = subject;
    await reach["refreshing"]!(subject);
    client.pause();
    expect(signals[0]?.aborted).toBe(true);
    ends[0]!();
    await settle();
    expect(harness.requests).toHaveLength(1);
    client.resume();
    const [, request] = [await harness.nextRequest(), harness.requests[1]!];
    request.respond({ status: 401 });
    request.end();
    await settle();
    expect(signals).toHaveLength(2);
  });
});
