import { describe, expect, test, vi } from "vitest";
import { SSEError } from "../src/index.ts";
import { createTestClient, frame } from "./support/test-client.ts";

const noop = () => {};

// SPEC 3
describe("when a connection is made", () => {
  test("making a client, looking at its state and asking for channels sends nothing", async () => {
    const { client, harness, settle } = createTestClient();
    client.status.subscribe(noop);
    client.view.subscribe(noop);
    client.stats.subscribe(noop);
    client.channel("a");
    await settle();
    expect(harness.requests).toHaveLength(0);
    expect(client.status.get().status).toBe("idle");
  });

  test.each(["latest", "history", "state", "gap", "view"] as const)("subscribing to %s opens it", async (part) => {
    const { client, harness, open } = createTestClient();
    client.channel("a")[part].subscribe(noop);
    expect(client.status.get().status).toBe("connecting");
    await open();
    expect(harness.requests).toHaveLength(1);
    expect(client.status.get().status).toBe("open");
  });

  test("many subscribers share one", async () => {
    const { client, harness, open, settle } = createTestClient();
    client.channel("a").on(noop);
    client.channel("b").latest.subscribe(noop);
    client.retain();
    await open();
    await settle();
    expect(harness.requests).toHaveLength(1);
  });

  test("on a server nothing but connect() opens it", async () => {
    const { client, harness, settle } = createTestClient({
      environment: { isServer: true, fetch: async () => new Response(null, { status: 204 }) },
    });
    client.channel("a").on(noop);
    client.retain();
    await settle();
    expect(client.status.get().status).toBe("idle");
    client.connect();
    expect(client.status.get().status).toBe("connecting");
    expect(harness.requests).toHaveLength(0);
  });
});

// SPEC 4
describe("linger", () => {
  test("the last subscriber's leaving closes after lingerMs, and nothing is left behind", async () => {
    const { client, environment, open, settle } = createTestClient({ lingerMs: 500 });
    const end = client.channel("a").on(noop);
    const request = await open();
    end();
    end();
    environment.clock.advance(499);
    expect(client.status.get().status).toBe("open");
    environment.clock.advance(1);
    await settle();
    expect(client.status.get().status).toBe("idle");
    expect(request.aborted).toBe(true);
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("coming back in time keeps the connection", async () => {
    const { client, environment, harness, open } = createTestClient();
    const end = client.channel("a").on(noop);
    await open();
    end();
    environment.clock.advance(999);
    client.channel("b").on(noop);
    environment.clock.advance(10_000);
    expect(client.status.get().status).toBe("open");
    expect(harness.requests).toHaveLength(1);
  });

  test("coming back later connects again and resumes", async () => {
    const { client, environment, open, harness } = createTestClient();
    const end = client.channel("a").on(noop);
    const first = await open();
    first.push("id: 7\ndata: 1\n\n");
    await environment.clock.advanceAsync(0);
    end();
    environment.clock.advance(1_000);
    client.channel("a").on(noop);
    const second = await open();
    expect(second.headers.get("last-event-id")).toBe("7");
    expect(harness.requests).toHaveLength(2);
  });

  test("leaving while an attempt or a wait is under way ends that too", async () => {
    const { client, environment, harness, settle } = createTestClient();
    const end = client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    expect(client.status.get().status).toBe("reconnecting");
    end();
    environment.clock.advance(60_000);
    await settle();
    expect(client.status.get()).toMatchObject({ status: "idle", attempt: 0, cause: null });
    expect(environment.leaks().timers).toBe(0);
  });
});

// SPEC 5
describe("connect, disconnect, reconnect", () => {
  test("closing what nobody has subscribed to asks for no frame", () => {
    const { client, environment } = createTestClient();
    client.close();
    environment.flush();
    client.close();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("disconnect stands while subscribers come and go, until connect", async () => {
    const { client, environment, harness, open, settle } = createTestClient();
    const end = client.channel("a").on(noop);
    const request = await open();
    client.disconnect();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "user", cause: null });
    expect(request.aborted).toBe(true);
    end();
    environment.clock.advance(60_000);
    client.channel("a").on(noop);
    await settle();
    expect(harness.requests).toHaveLength(1);
    client.connect();
    await open();
    expect(client.status.get().status).toBe("open");
    expect(harness.requests).toHaveLength(2);
  });

  test("disconnect during a wait leaves no timer, and connect right after it sends exactly one request", async () => {
    const { client, environment, harness, open, settle } = createTestClient();
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    client.disconnect();
    expect(environment.leaks().timers).toBe(0);
    client.connect();
    await open();
    environment.clock.advance(60_000);
    await settle();
    expect(harness.requests).toHaveLength(2);
  });

  test("reconnect replaces an open stream, whose late events are ignored", async () => {
    const { client, harness, open, settle } = createTestClient();
    const heard: unknown[] = [];
    client.channel("message").on(({ data }) => heard.push(data));
    const first = await open();
    client.reconnect();
    const second = await open();
    first.push("data: 1\n\n");
    second.push("data: 2\n\n");
    await settle();
    expect(first.aborted).toBe(true);
    expect(heard).toEqual([2]);
    expect(harness.requests).toHaveLength(2);
  });

  test("closing inside a handler stops the rest of the chunk, which does not count as received", async () => {
    const { client, open, settle } = createTestClient();
    const heard: unknown[] = [];
    client.channel("message").on(({ data }) => {
      heard.push(data);
      if (data === 2) client.close();
    });
    const request = await open();
    request.push("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n");
    await settle();
    expect(heard).toEqual([1, 2]);
    client.connect();
    expect((await open()).headers.get("last-event-id")).toBe("2");
  });

  test("a subscriber that left a moment before does not end what connect began", async () => {
    const { client, environment, open } = createTestClient();
    const end = client.channel("a").on(noop);
    await open();
    client.disconnect();
    end();
    client.connect();
    await open();
    environment.clock.advance(60_000);
    expect(client.status.get().status).toBe("open");
  });

  test("connect while open or connecting changes nothing", async () => {
    const { client, harness, open, settle } = createTestClient();
    client.channel("a").on(noop);
    client.connect();
    await open();
    client.connect();
    await settle();
    expect(harness.requests).toHaveLength(1);
  });
});

// SPEC 24
describe("attempts", () => {
  test("the state tells attempt, cause and time of the next one, and a wait is as long as told", async () => {
    const { client, environment, harness, settle, open } = createTestClient();
    environment.setRandom(0.5);
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1, nextRetryAt: 1_000 });
    expect(client.status.get().cause).toMatchObject({ code: "network" });
    environment.clock.advance(1_000);
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: null });
    (await harness.nextRequest()).fail();
    await settle();
    expect(client.status.get()).toMatchObject({ attempt: 2, nextRetryAt: 3_000 });
    environment.clock.advance(2_000);
    await open();
    expect(client.status.get()).toMatchObject({ status: "open", attempt: 2, cause: null, openedAt: 3_000 });
  });

  test("a stream that dies at once keeps the count, one that delivers a message resets it", async () => {
    const { client, environment, open, settle } = createTestClient();
    environment.setRandom(0);
    client.channel("a").on(noop);
    for (const attempt of [1, 2, 3]) {
      (await open()).end();
      await settle();
      expect(client.status.get().attempt).toBe(attempt);
      await environment.clock.advanceAsync(0);
    }
    const healthy = await open();
    healthy.push("data: 1\n\n");
    await settle();
    expect(client.status.get().attempt).toBe(0);
    healthy.end();
    await settle();
    expect(client.status.get().attempt).toBe(1);
  });

  test("a stream that stays open for 5 s resets the count", async () => {
    const { client, environment, harness, open, settle } = createTestClient();
    environment.setRandom(0);
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    await environment.clock.advanceAsync(0);
    await open();
    environment.clock.advance(4_999);
    expect(client.status.get().attempt).toBe(1);
    environment.clock.advance(1);
    environment.flush();
    expect(client.status.get().attempt).toBe(0);
  });

  test("what a healthy stream has cleared does not come back with reconnect", async () => {
    const { client, environment, harness, open, settle } = createTestClient({ retry: { maxAttempts: 2 } });
    environment.setRandom(0);
    client.channel("a").on(noop);
    for (const _ of [1, 2]) {
      (await harness.nextRequest()).fail();
      await settle();
      await environment.clock.advanceAsync(0);
    }
    (await open()).push("data: 1\n\n");
    await settle();
    client.reconnect();
    expect(client.status.get()).toMatchObject({ status: "connecting", attempt: 0 });
    (await harness.nextRequest()).fail();
    await settle();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1 });
  });

  test("connect skips the jitter and retry, but not Retry-After", async () => {
    const { client, environment, harness, open, settle } = createTestClient();
    environment.setRandom(1);
    client.channel("a").on(noop);
    const first = await open();
    first.push("retry: 20000\n\n");
    first.end();
    await settle();
    expect(client.status.get().nextRetryAt).toBe(22_000);
    client.connect();
    const second = await harness.nextRequest();
    second.respond({ status: 503, headers: { "retry-after": "3" } });
    second.end();
    await settle();
    client.connect();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: 3_000 });
    environment.clock.advance(3_000);
    await open();
    expect(client.status.get().status).toBe("open");
  });

  test("a retry longer than a timer can be is cut to what one can", async () => {
    const { client, environment, open, settle } = createTestClient();
    environment.setRandom(0);
    client.channel("a").on(noop);
    const request = await open();
    request.push("retry: 99999999999\n\n");
    request.end();
    await settle();
    expect(client.status.get().nextRetryAt).toBe(environment.now() + 2 ** 31 - 1);
  });

  test("without retry the first failure is the last", async () => {
    const { client, harness, settle } = createTestClient({ retry: false });
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "error" });
  });
});

// SPEC 20
test("a fetch that somebody else aborted is a failed attempt as any", async () => {
  const onError = vi.fn();
  const { client, harness, settle } = createTestClient({ onError });
  client.channel("a").on(noop);
  (await harness.nextRequest()).fail(new DOMException("The operation was aborted.", "AbortError"));
  await settle();
  expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1, cause: { code: "network" } });
  expect(onError).toHaveBeenCalledOnce();
});

// SPEC 22
describe("credentials", () => {
  test("a refusal refreshes once, then the request carries what is new and the same cursor", async () => {
    let token = "old";
    const onUnauthorized = vi.fn(async () => {
      token = "new";
    });
    const { client, environment, harness, open, settle } = createTestClient({
      headers: () => ({ authorization: token }),
      onUnauthorized,
    });
    environment.setRandom(0);
    client.channel("a").on(noop);
    const first = await open();
    first.push("id: 5\ndata: 1\n\n");
    first.end();
    await environment.clock.advanceAsync(0);
    const refused = await harness.nextRequest();
    refused.respond({ status: 401 });
    refused.end();
    await settle();
    const again = await open();
    expect(onUnauthorized).toHaveBeenCalledOnce();
    expect(again.headers.get("authorization")).toBe("new");
    expect(again.headers.get("last-event-id")).toBe("5");
    expect(client.status.get().status).toBe("open");
  });

  test("a second refusal in a row closes, a refusal in the refresh closes, a failure in it is retried", async () => {
    const twice = createTestClient({ onUnauthorized: noop });
    twice.client.channel("a").on(noop);
    for (const _ of [1, 2]) {
      const request = await twice.harness.nextRequest();
      request.respond({ status: 403 });
      request.end();
      await twice.settle();
    }
    expect(twice.client.status.get()).toMatchObject({ status: "closed", reason: "unauthorized" });

    const errors = [new SSEError("unauthorized", "signed out"), new Error("offline")];
    const outcomes = [];
    for (const error of errors) {
      const { client, harness, settle } = createTestClient({ onUnauthorized: () => Promise.reject(error) });
      client.channel("a").on(noop);
      const request = await harness.nextRequest();
      request.respond({ status: 401 });
      request.end();
      await settle();
      outcomes.push([client.status.get().status, client.status.get().cause?.code]);
    }
    expect(outcomes).toEqual([
      ["closed", "unauthorized"],
      ["reconnecting", "request"],
    ]);
  });

  test("a server that keeps telling a fresh stream that it has expired is not asked for ever", async () => {
    const onUnauthorized = vi.fn();
    const { client, harness, open, settle } = createTestClient({ onUnauthorized });
    client.channel("message").on(noop);
    for (let stream = 0; stream < 2; stream++) {
      (await open()).push(`data: 1\n\n${frame("sse.bye", { reason: "expired" })}`);
      await settle();
    }
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "unauthorized" });
    expect(onUnauthorized).toHaveBeenCalledOnce();
    expect(harness.requests).toHaveLength(2);
  });

  test("sse.bye ends the stream for the reason given", async () => {
    const { client, environment, open, settle } = createTestClient();
    environment.setRandom(0);
    client.channel("a").on(noop);
    const request = await open();
    request.push(frame("sse.bye", { reason: "shutdown", retryMs: 4_000 }));
    await settle();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: 4_000 });
    expect(client.status.get().cause).toMatchObject({ code: "bye", reason: "shutdown" });
    expect(request.aborted).toBe(true);
  });
});

// SPEC 6
describe("what may be a function", () => {
  test("url and headers are called before every attempt, with its circumstances", async () => {
    const url = vi.fn(async () => "http://host.test/other");
    const { client, environment, open, settle } = createTestClient({ url });
    environment.setRandom(0);
    client.channel("a").on(noop);
    const first = await open();
    expect(first.url).toBe("http://host.test/other");
    first.push("id: 5\ndata: 1\n\n");
    first.end();
    await settle();
    await environment.clock.advanceAsync(0);
    await open();
    expect(url).toHaveBeenCalledTimes(2);
    expect(url).toHaveBeenLastCalledWith(
      expect.objectContaining({ attempt: 1, lastEventId: "5", cause: expect.objectContaining({ code: "ended" }) }),
    );
  });

  test("one that throws is a failed attempt, said so, and tried again", async () => {
    const onError = vi.fn();
    const { client, settle } = createTestClient({
      headers: () => {
        throw new Error("no token");
      },
      onError,
    });
    client.channel("a").on(noop);
    await settle();
    expect(client.status.get()).toMatchObject({ status: "reconnecting" });
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: "request", cause: new Error("no token") }));
  });

  test("onError that throws is reported and stops nothing", async () => {
    const reportError = vi.fn();
    vi.stubGlobal("reportError", reportError);
    const { client, harness, settle } = createTestClient({
      onError() {
        throw new Error("mine");
      },
    });
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    expect(reportError).toHaveBeenCalledExactlyOnceWith(new Error("mine"));
    expect(client.status.get().status).toBe("reconnecting");
    vi.unstubAllGlobals();
  });
});
