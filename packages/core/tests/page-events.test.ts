import { describe, expect, test, vi } from "vitest";
import { createTestClient } from "./support/test-client.ts";

const noop = () => {};

/** A client that listens to "message", with an open stream that has given the id 1. */
async function createOpenClient(options: Parameters<typeof createTestClient>[0] = {}) {
  const onError = vi.fn();
  const subject = createTestClient({ onError, ...options });
  const { client, open, settle } = subject;
  const end = client.channel("message").on(noop);
  const request = await open();
  request.push("id: 1\ndata: 1\n\n");
  await settle();
  return { ...subject, end, request, onError };
}

/** What EventSource cannot do: a request whose effect cannot be had twice. */
const post = { method: "POST", body: "{}" };
async function createPostClient(options: Parameters<typeof createTestClient>[0] = {}) {
  const onError = vi.fn();
  const subject = createTestClient({ ...post, onError, ...options });
  subject.client.channel("message").on(noop);
  return { ...subject, request: await subject.open(), onError };
}

// SPEC 27
describe("a hidden page", () => {
  test("keeps its connection unless told otherwise", async () => {
    const { client, environment, harness, settle } = await createOpenClient();
    environment.setHidden(true);
    environment.clock.advance(3_600_000);
    environment.setHidden(false);
    await settle();
    expect(client.status.get().status).toBe("open");
    expect(harness.requests).toHaveLength(1);
  });

  test("is paused after pauseHiddenAfterMs, and resumes at once with the cursor when it is seen", async () => {
    const { client, environment, request, open, onError } = await createOpenClient({ pauseHiddenAfterMs: 60_000 });
    environment.setHidden(true);
    environment.clock.advance(59_999);
    expect(client.status.get().status).toBe("open");
    environment.clock.advance(1);
    expect(client.status.get()).toMatchObject({ status: "paused", pausedBy: ["hidden"] });
    expect(request.aborted).toBe(true);
    environment.setHidden(false);
    const next = await open();
    expect(next.headers.get("last-event-id")).toBe("1");
    expect(client.status.get()).toMatchObject({ status: "open", pausedBy: [] });
    expect(onError).not.toHaveBeenCalled();
  });

  test("seen again in time keeps its connection", async () => {
    const { client, environment, harness } = await createOpenClient({ pauseHiddenAfterMs: 60_000 });
    for (const _ of [1, 2, 3]) {
      environment.setHidden(true);
      environment.clock.advance(40_000);
      environment.setHidden(false);
      environment.clock.advance(40_000);
    }
    expect(client.status.get().status).toBe("open");
    expect(harness.requests).toHaveLength(1);
  });

  test("hidden from the start connects, and is paused after the same time", async () => {
    const { client, environment, open } = createTestClient({ pauseHiddenAfterMs: 60_000 });
    environment.setHidden(true);
    client.channel("a").on(noop);
    await open();
    environment.clock.advance(60_000);
    expect(client.status.get()).toMatchObject({ status: "paused", pausedBy: ["hidden"] });
  });

  test("another reason keeps a page that is seen paused", async () => {
    const { client, environment, harness, settle } = await createOpenClient({ pauseHiddenAfterMs: 0 });
    client.pause("mine");
    environment.setHidden(true);
    environment.clock.advance(0);
    expect(client.status.get().pausedBy).toEqual(["mine", "hidden"]);
    environment.setHidden(false);
    await settle();
    expect(client.status.get()).toMatchObject({ status: "paused", pausedBy: ["mine"] });
    expect(harness.requests).toHaveLength(1);
  });

  test("closing ends the wait and the reason, so that connect() connects", async () => {
    const { client, environment, open } = await createOpenClient({ pauseHiddenAfterMs: 1_000 });
    environment.setHidden(true);
    environment.clock.advance(1_000);
    client.disconnect();
    environment.flush();
    expect(client.status.get()).toMatchObject({ status: "closed", pausedBy: [] });
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
    client.connect();
    await open();
    expect(client.status.get().status).toBe("open");
  });

  test("a timer that a suspended machine runs late pauses a page that is still hidden, and none that is back", async () => {
    const late = await createOpenClient({ pauseHiddenAfterMs: 1_000 });
    late.environment.setHidden(true);
    late.environment.clock.sleep(600_000);
    late.environment.clock.advance(0);
    expect(late.client.status.get().status).toBe("paused");
    const back = await createOpenClient({ pauseHiddenAfterMs: 1_000 });
    back.environment.setHidden(true);
    back.environment.clock.sleep(600_000);
    back.environment.setHidden(false);
    back.environment.clock.advance(0);
    expect(back.client.status.get().status).toBe("open");
  });
});

// SPEC 27
describe("a page that is left", () => {
  test("closes its stream at once, without an error", async () => {
    const { client, environment, harness, request, onError, settle } = await createOpenClient();
    environment.emitPageEvent("pagehide");
    expect(request.aborted).toBe(true);
    expect(client.status.get()).toMatchObject({ status: "paused", pausedBy: ["left"], cause: null });
    environment.setHidden(true);
    environment.clock.advance(3_600_000);
    await settle();
    expect(harness.requests).toHaveLength(1);
    expect(onError).not.toHaveBeenCalled();
  });

  test("that breaks on the way out reports nothing", async () => {
    const { environment, request, onError, settle } = await createOpenClient();
    request.breakBody();
    environment.emitPageEvent("pagehide");
    await settle();
    expect(onError).not.toHaveBeenCalled();
  });

  test.each(["pageshow", "visibilitychange", "resume", "online"] as const)("is back with %s", async (event) => {
    const { client, environment, open, harness } = await createOpenClient();
    environment.emitPageEvent("pagehide");
    environment.emitPageEvent(event);
    const next = await open();
    expect(next.headers.get("last-event-id")).toBe("1");
    expect(client.status.get()).toMatchObject({ status: "open", attempt: 0 });
    expect(harness.requests).toHaveLength(2);
  });

  test("and that comes back with several events at once makes one request", async () => {
    const { environment, harness, settle } = await createOpenClient();
    environment.emitPageEvent("pagehide");
    environment.setHidden(true);
    environment.clock.sleep(600_000);
    environment.setHidden(false);
    for (const event of ["resume", "pageshow", "online"] as const) environment.emitPageEvent(event);
    await settle();
    expect(harness.requests).toHaveLength(2);
  });

  test("while an attempt waits makes it when it is back, but not before Retry-After", async () => {
    const { client, environment, harness, settle } = createTestClient();
    client.channel("a").on(noop);
    const request = await harness.nextRequest();
    request.respond({ status: 503, headers: { "retry-after": "30" } });
    request.end();
    await settle();
    environment.emitPageEvent("pagehide");
    environment.clock.sleep(10_000);
    environment.emitPageEvent("pageshow");
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: 30_000 });
  });
});

// SPEC 7
describe("a request that is not repeatable", () => {
  test("is not sent again because the page was hidden", async () => {
    const { client, environment, harness, settle } = await createPostClient({ pauseHiddenAfterMs: 1_000 });
    environment.setHidden(true);
    environment.clock.advance(60_000);
    environment.setHidden(false);
    await settle();
    expect(client.status.get().status).toBe("open");
    expect(harness.requests).toHaveLength(1);
  });

  test("is not sent again because the page was left: the connection closes and says why, not as an error", async () => {
    const { client, environment, harness, request, onError, settle } = await createPostClient();
    environment.emitPageEvent("pagehide");
    expect(request.aborted).toBe(true);
    expect(client.status.get()).toMatchObject({
      status: "closed",
      reason: "error",
      cause: { message: "The page was left." },
    });
    environment.emitPageEvent("pageshow");
    environment.clock.advance(60_000);
    await settle();
    expect(harness.requests).toHaveLength(1);
    expect(onError).not.toHaveBeenCalled();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test.each([
    ["idempotent", { idempotent: true }, ""],
    ["one whose stream has given an id", {}, "id: 1\n\n"],
  ])("is sent again when it is %s", async (_, options, text) => {
    const { environment, request, open, settle } = await createPostClient(options);
    if (text) request.push(text);
    await settle();
    environment.emitPageEvent("pagehide");
    environment.emitPageEvent("pageshow");
    expect((await open()).method).toBe("POST");
  });
});

// SPEC 27
describe("listening to the page", () => {
  test("begins with the connection and ends with it", async () => {
    const { client, environment, settle } = createTestClient();
    client.status.subscribe(noop);
    expect(environment.leaks().listeners).toBe(0);
    const end = client.channel("a").on(noop);
    expect(environment.leaks().listeners).toBe(1);
    end();
    environment.clock.advance(1_000);
    await settle();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("goes on while paused and while waiting, once", async () => {
    const { client, environment, harness, settle } = createTestClient();
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    client.pause();
    client.resume();
    expect(environment.leaks().listeners).toBe(1);
    client.close();
    expect(environment.leaks().listeners).toBe(0);
  });

  test.each(["online", "visibilitychange", "pageshow", "resume"] as const)("%s ends a wait", async (event) => {
    const { client, environment, harness, settle } = createTestClient();
    environment.setRandom(1);
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    environment.emitPageEvent(event);
    await settle();
    expect(client.status.get()).toMatchObject({ status: "reconnecting", nextRetryAt: null, attempt: 1 });
    expect(harness.requests).toHaveLength(2);
  });

  test("a page that is hidden meanwhile does not end a wait", async () => {
    const { environment, client, harness, settle } = createTestClient();
    environment.setRandom(1);
    client.channel("a").on(noop);
    (await harness.nextRequest()).fail();
    await settle();
    environment.setHidden(true);
    await settle();
    expect(client.status.get().nextRetryAt).toBe(2_000);
    expect(harness.requests).toHaveLength(1);
  });
});
