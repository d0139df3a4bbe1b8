import { describe, expect, test } from "vitest";
import { type ClientOptions, query } from "../src/index.ts";
import { createTestClient, frame } from "./support/test-client.ts";

const noop = () => {};

/** What becomes of a client whose stream breaks after it has said this. */
async function afterBreaking(options: Partial<ClientOptions>, text = "") {
  const { client, environment, harness, open, settle } = createTestClient(options);
  environment.setRandom(0);
  client.channel("message").on(noop);
  const request = await open();
  if (text) request.push(text);
  request.breakBody();
  await settle();
  await environment.clock.advanceAsync(60_000);
  const { status, reason, cause } = client.status.get();
  return { status, reason, code: cause?.code, requests: harness.requests.length, last: harness.requests.at(-1)! };
}

const post = { body: '{"prompt":"x"}' };

// SPEC 7
describe("a request that has an effect", () => {
  test("is a POST when it has a body", async () => {
    expect((await afterBreaking({ ...post, idempotent: true })).last).toMatchObject({
      method: "POST",
      body: post.body,
    });
  });

  test("is not sent again when its stream breaks", async () => {
    const expected = { status: "closed", reason: "error", code: "network", requests: 1 };
    expect(await afterBreaking(post)).toMatchObject(expected);
    expect(await afterBreaking({ method: "DELETE" })).toMatchObject(expected);
  });

  test("is not sent again because somebody subscribes to one channel more", async () => {
    const { client, harness, open, settle } = createTestClient({ ...post, subscription: query() });
    client.channel("a").on(noop);
    await open();
    client.channel("b").on(noop);
    await settle();
    expect(harness.requests).toHaveLength(1);
    expect(client.status.get().status).toBe("open");
  });

  test("is sent again when it may be, or when its stream then continues", async () => {
    const expected = { status: "reconnecting", requests: 2 };
    expect(await afterBreaking({ ...post, idempotent: true })).toMatchObject(expected);
    const resumed = await afterBreaking(post, "id: 7\ndata: 1\n\n");
    expect(resumed).toMatchObject(expected);
    expect(resumed.last.headers.get("last-event-id")).toBe("7");
    expect(await afterBreaking({ method: () => "GET" })).toMatchObject(expected);
  });

  test("is not sent again when the server has taken the position back", async () => {
    expect(await afterBreaking(post, "id: 7\n\nid:\n\n")).toMatchObject({ status: "closed", requests: 1 });
  });

  test("is not sent again by a refused answer of any kind that may have had the effect", async () => {
    const { client, harness, environment, settle } = createTestClient(post);
    client.channel("message").on(noop);
    const request = await harness.nextRequest();
    request.respond({ status: 503, headers: { "retry-after": "1" } });
    request.end();
    await settle();
    await environment.clock.advanceAsync(60_000);
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "error", cause: { status: 503 } });
    expect(harness.requests).toHaveLength(1);
  });

  test("that was refused for its credentials is sent again after a refresh", async () => {
    const { client, harness, open, settle } = createTestClient({ ...post, onUnauthorized: noop });
    client.channel("message").on(noop);
    const request = await harness.nextRequest();
    request.respond({ status: 401 });
    request.end();
    await settle();
    expect((await open()).method).toBe("POST");
  });

  test("is not sent again when its stream has expired without a position", async () => {
    const { client, harness, open, settle } = createTestClient({ ...post, onUnauthorized: noop });
    client.channel("message").on(noop);
    (await open()).push(frame("sse.bye", { reason: "expired" }));
    await settle();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "unauthorized", cause: { code: "bye" } });
    expect(harness.requests).toHaveLength(1);
  });

  test("is sent again when the user says so", async () => {
    const { client, open, settle } = createTestClient(post);
    client.channel("message").on(noop);
    (await open()).breakBody();
    await settle();
    client.connect();
    expect((await open()).body).toBe(post.body);
    client.pause();
    client.resume();
    expect((await open()).body).toBe(post.body);
  });

  test("can be made again as long as none has been sent", async () => {
    const bodies = [() => Promise.reject(new Error("not yet")), () => "{}"];
    const { client, environment, open, settle } = createTestClient({ body: () => bodies.shift()!() });
    environment.setRandom(0);
    client.channel("message").on(noop);
    await settle();
    await environment.clock.advanceAsync(0);
    expect((await open()).method).toBe("POST");
  });
});

/** A signal that counts its listeners. */
function createCountingSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, given);
  };
  signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, given);
  };
  return { controller, signal, count: () => listeners };
}

// SPEC 9
describe("signals of a user", () => {
  test.each(["retain", "on"] as const)("one that was aborted before has %s do nothing", async (how) => {
    const { client, harness, environment, settle } = createTestClient();
    const signal = AbortSignal.abort();
    if (how === "retain") client.retain({ signal });
    else client.channel("a").on(noop, { signal });
    await settle();
    expect(client.status.get().status).toBe("idle");
    expect(harness.requests).toHaveLength(0);
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test.each(["retain", "on"] as const)("one that is aborted ends %s as its own function does", async (how) => {
    const { client, environment, settle } = createTestClient();
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const end = how === "retain" ? client.retain(options) : client.channel("a").on(noop, options);
    await settle();
    controller.abort();
    end();
    environment.clock.advance(1_000);
    expect(client.status.get().status).toBe("idle");
  });

  test.each(["retain", "on"] as const)("one that is aborted while %s connects ends it", async (how) => {
    const { client, environment } = createTestClient();
    const controller = new AbortController();
    const { signal } = controller;
    client.status.subscribe(() => controller.abort());
    if (how === "retain") client.retain({ signal });
    else client.channel("a").on(noop, { signal });
    await environment.clock.advanceAsync(2_000);
    expect(client.status.get().status).toBe("idle");
  });

  test("one that lives long has none of 10,000 subscriptions and clients left", async () => {
    const { client, environment, settle } = createTestClient({ lingerMs: 0 });
    const { signal, count } = createCountingSignal();
    for (let cycle = 0; cycle < 10_000; cycle++) {
      const ends = [client.retain({ signal }), client.channel("a").on(noop, { signal })];
      for (const end of ends) end();
      environment.clock.advance(0);
    }
    await settle();
    expect(count()).toBe(0);
    expect(client.status.get().status).toBe("idle");
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });
});
