import { describe, expect, test, vi } from "vitest";
import { createTestClient } from "./support/test-client.ts";

const noop = () => {};

/** A client whose first attempt has failed while the browser says that there is no network. */
async function createOffline(options: Parameters<typeof createTestClient>[0] = {}) {
  const subject = createTestClient(options);
  const { client, environment, harness, settle } = subject;
  environment.setRandom(0.5);
  client.channel("a").on(noop);
  environment.emitPageEvent("offline");
  const fail = async () => {
    harness.requests.at(-1)!.fail();
    await settle();
  };
  await settle();
  await fail();
  return { ...subject, fail };
}

// SPEC 26
describe("without a network", () => {
  test("one attempt is made every 30 s, and none of them counts", async () => {
    const { client, environment, harness, fail } = await createOffline({ retry: { maxAttempts: 1 } });
    for (let round = 1; round <= 20; round++) {
      expect(client.status.get()).toMatchObject({
        status: "reconnecting",
        offline: true,
        attempt: 0,
        nextRetryAt: environment.now() + 30_000,
      });
      await environment.clock.advanceAsync(29_999);
      expect(harness.requests).toHaveLength(round);
      await environment.clock.advanceAsync(1);
      expect(harness.requests).toHaveLength(round + 1);
      await fail();
    }
  });

  test("attempts made before are not forgotten", async () => {
    const { client, environment, harness, settle } = createTestClient();
    environment.setRandom(0);
    client.channel("a").on(noop);
    await settle();
    for (const _ of [1, 2]) {
      harness.requests.at(-1)!.fail();
      await environment.clock.advanceAsync(0);
    }
    environment.emitPageEvent("offline");
    harness.requests.at(-1)!.fail();
    await settle();
    expect(client.status.get().attempt).toBe(2);
  });

  test("the browser may be wrong: an attempt that succeeds is as good as any", async () => {
    const { client, environment, harness, settle } = await createOffline();
    await environment.clock.advanceAsync(30_000);
    harness.requests.at(-1)!.respond();
    await settle();
    expect(client.status.get()).toMatchObject({ status: "open", offline: true });
  });

  test("connect() tries at once", async () => {
    const { client, harness, settle } = await createOffline();
    client.connect();
    await settle();
    expect(harness.requests).toHaveLength(2);
  });

  test("what is final stays final", async () => {
    const { client, environment, harness, settle } = createTestClient();
    client.channel("a").on(noop);
    environment.emitPageEvent("offline");
    (await harness.nextRequest()).respond({ status: 204 });
    await settle();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "server" });
  });

  test.each([
    ["longer than 30 s", "50", 50_000],
    ["shorter than 30 s", "5", 30_000],
    ["longer than a timer can be", "99999999999", 2 ** 31 - 1],
  ])("a Retry-After %s", async (_, retryAfter, expected) => {
    const { client, environment, harness, settle } = createTestClient();
    client.channel("a").on(noop);
    environment.emitPageEvent("offline");
    const request = await harness.nextRequest();
    request.respond({ status: 503, headers: { "retry-after": retryAfter } });
    request.end();
    await settle();
    expect(client.status.get().nextRetryAt).toBe(expected);
    await environment.clock.advanceAsync(1);
    expect(harness.requests).toHaveLength(1);
  });
});

// SPEC 26
describe("when the network comes and goes", () => {
  test("online tries at once, and failures count again", async () => {
    const { client, environment, harness, fail, settle } = await createOffline();
    environment.clock.advance(10_000);
    environment.emitPageEvent("online");
    await settle();
    expect(harness.requests).toHaveLength(2);
    await fail();
    expect(client.status.get()).toMatchObject({ offline: false, attempt: 1, nextRetryAt: 11_000 });
  });

  test("online does not shorten what Retry-After demands", async () => {
    const { client, environment, harness, settle } = createTestClient();
    environment.setRandom(1);
    client.channel("a").on(noop);
    environment.emitPageEvent("offline");
    const request = await harness.nextRequest();
    request.respond({ status: 503, headers: { "retry-after": "50" } });
    request.end();
    await settle();
    environment.emitPageEvent("online");
    expect(client.status.get()).toMatchObject({ status: "reconnecting", offline: false, nextRetryAt: 50_000 });
    await environment.clock.advanceAsync(49_999);
    expect(harness.requests).toHaveLength(1);
    await environment.clock.advanceAsync(1);
    expect(harness.requests).toHaveLength(2);
  });

  test("an open stream is not closed by it, and the state tells", async () => {
    const { client, environment, harness, open, settle } = createTestClient();
    const heard: unknown[] = [];
    client.channel("message").on(({ data }) => heard.push(data));
    const request = await open();
    const onChange = vi.fn();
    client.status.subscribe(onChange);
    environment.emitPageEvent("offline");
    expect(client.status.get()).toMatchObject({ status: "open", offline: true });
    expect(onChange).toHaveBeenCalledOnce();
    request.push("data: 1\n\n");
    environment.clock.advance(3_600_000);
    await settle();
    expect(heard).toEqual([1]);
    environment.emitPageEvent("online");
    expect(client.status.get()).toMatchObject({ status: "open", offline: false });
    expect(harness.requests).toHaveLength(1);
  });

  test("online while an attempt is under way does not make a second one", async () => {
    const { client, environment, harness, settle } = createTestClient();
    client.channel("a").on(noop);
    environment.emitPageEvent("offline");
    environment.emitPageEvent("online");
    environment.emitPageEvent("online");
    await settle();
    expect(harness.requests).toHaveLength(1);
    expect(client.status.get().status).toBe("connecting");
  });
});
