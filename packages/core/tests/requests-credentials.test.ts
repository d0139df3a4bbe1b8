import { describe, expect, test, vi } from "vitest";
import { type ClientOptions, SSEError } from "../src/index.ts";
import { createRefresh, refuse } from "./support/refusals.ts";
import { createTestClient, type TestClient } from "./support/test-client.ts";

const noop = () => {};

/** A client that listens to "message" and has been refused. */
async function createRefused(onUnauthorized: ClientOptions["onUnauthorized"], options: Partial<ClientOptions> = {}) {
  const onError = vi.fn();
  const subject = createTestClient<never>({ onUnauthorized, onError, ...options } as Partial<ClientOptions<never>>);
  subject.environment.setRandom(0);
  subject.client.channel("message" as never).on(noop);
  await refuse(subject);
  return { ...subject, onError };
}

const requestsOf = (...clients: TestClient<never>[]) => clients.map(({ harness }) => harness.requests.length);

// SPEC 22
describe("a refresh under way", () => {
  test("is shared by all clients that were given the same function", async () => {
    const { refresh, calls } = createRefresh();
    const a = await createRefused(refresh);
    const b = await createRefused(refresh);
    expect(refresh).toHaveBeenCalledOnce();
    calls[0]!.end();
    await a.settle();
    await b.settle();
    expect(requestsOf(a, b)).toEqual([2, 2]);
    expect(a.client.status.get().status).toBe("reconnecting");
  });

  test("is not shared by clients that were given different ones", async () => {
    const [one, two] = [createRefresh(), createRefresh()];
    await createRefused(one.refresh);
    await createRefused(two.refresh);
    expect([one.calls.length, two.calls.length]).toEqual([1, 1]);
  });

  test("is not taken from the others by one that leaves", async () => {
    const { refresh, calls } = createRefresh();
    const a = await createRefused(refresh);
    const b = await createRefused(refresh);
    a.client.close();
    expect(calls[0]!.signal.aborted).toBe(false);
    calls[0]!.end();
    await a.settle();
    await b.settle();
    expect(requestsOf(a, b)).toEqual([1, 2]);
  });

  test("is aborted when nobody waits for it any more, and the next refusal makes a new one", async () => {
    const { refresh, calls } = createRefresh();
    const a = await createRefused(refresh);
    const b = await createRefused(refresh);
    a.client.close();
    b.client.pause();
    expect(calls[0]!.signal.aborted).toBe(true);
    const c = await createRefused(refresh);
    expect(refresh).toHaveBeenCalledTimes(2);
    // What nobody waited for ends late and has no say any more.
    calls[0]!.fail(new Error("aborted"));
    const d = await createRefused(refresh);
    await c.settle();
    expect(refresh).toHaveBeenCalledTimes(2);
    calls[1]!.end();
    await c.settle();
    await d.settle();
    expect(requestsOf(a, b, c, d)).toEqual([1, 1, 2, 2]);
  });

  test("once it has ended, the next refusal makes a new one", async () => {
    const { refresh, calls } = createRefresh();
    const a = await createRefused(refresh);
    calls[0]!.end();
    await a.settle();
    await createRefused(refresh);
    expect(refresh).toHaveBeenCalledTimes(2);
    expect(calls[1]!.signal.aborted).toBe(false);
  });

  test("that fails fails for all of them, and each tries again", async () => {
    const { refresh, calls } = createRefresh();
    const a = await createRefused(refresh);
    const b = await createRefused(refresh);
    calls[0]!.fail(new TypeError("fetch failed"));
    for (const { client, onError, settle } of [a, b]) {
      await settle();
      expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1, cause: { code: "request" } });
      expect(onError).toHaveBeenLastCalledWith(expect.objectContaining({ code: "request" }));
    }
  });

  test("that is refused closes all of them", async () => {
    const { refresh, calls } = createRefresh();
    const a = await createRefused(refresh);
    const b = await createRefused(refresh);
    calls[0]!.fail(new SSEError("unauthorized", "signed out"));
    for (const { client, settle } of [a, b]) {
      await settle();
      expect(client.status.get()).toMatchObject({ status: "closed", reason: "unauthorized" });
    }
  });

  test("that throws at once is a failure as any", async () => {
    const { client } = await createRefused(() => {
      throw new Error("no session");
    });
    expect(client.status.get()).toMatchObject({ status: "reconnecting", cause: { code: "request" } });
  });

  test("in which the client is closed makes no request, and does not stand in the way of the next", async () => {
    const close = vi.fn(() => subject.client.close());
    const subject = createTestClient<never>({ onUnauthorized: close });
    subject.client.channel("message" as never).on(noop);
    await refuse(subject);
    expect(subject.client.status.get()).toMatchObject({ status: "closed", reason: "user" });
    subject.client.connect();
    await refuse(subject);
    expect(close).toHaveBeenCalledTimes(2);
  });
});
