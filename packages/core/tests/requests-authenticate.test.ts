import { describe, expect, test, vi } from "vitest";
import { type ClientOptions, SSEError } from "../src/index.ts";
import { createRefresh, refuse } from "./support/refusals.ts";
import { createTestClient, type TestClient } from "./support/test-client.ts";

// SPEC 22
describe("authenticate", () => {
  const later = { authorization: "new" };
  const sent = ({ harness }: TestClient<never>) => harness.requests.map(({ headers }) => headers.get("authorization"));
  const create = (options: Partial<ClientOptions> = {}) => {
    const subject = createTestClient<never>({ headers: { authorization: "old" }, ...options } as never);
    subject.environment.setRandom(1);
    return subject;
  };

  test("before anything is wanted only changes what will be sent", async () => {
    const subject = create();
    subject.client.authenticate(later);
    await subject.settle();
    expect(subject.client.status.get().status).toBe("idle");
    subject.client.connect();
    await subject.open();
    expect(sent(subject)).toEqual(["new"]);
  });

  test("replaces an attempt under way and an open stream, at the same position", async () => {
    const subject = create();
    const { client, open, settle } = subject;
    client.connect();
    await settle();
    client.authenticate(later);
    await subject.harness.nextRequest();
    (await open()).push("id: 7\ndata: 1\n\n");
    await settle();
    client.authenticate(() => ({ authorization: "newer" }));
    const last = await open();
    expect(sent(subject)).toEqual(["old", "new", "newer"]);
    expect(last.headers.get("last-event-id")).toBe("7");
    expect(subject.harness.requests.map(({ aborted }) => aborted)).toEqual([true, true, false]);
  });

  test("ends a wait, but not one that the server demanded", async () => {
    const subject = create();
    const { client, harness, environment, settle } = subject;
    client.connect();
    (await harness.nextRequest()).fail();
    await settle();
    client.authenticate(later);
    const second = await harness.nextRequest();
    second.respond({ status: 503, headers: { "retry-after": "9" } });
    second.end();
    await settle();
    client.authenticate({ authorization: "newer" });
    expect(client.status.get().nextRetryAt).toBe(9_000);
    await environment.clock.advanceAsync(9_000);
    expect(sent(subject)).toEqual(["old", "new", "newer"]);
  });

  test("is the outcome of a refresh under way, which is given up", async () => {
    const { refresh, calls } = createRefresh();
    const subject = create({ onUnauthorized: refresh });
    subject.client.connect();
    await refuse(subject);
    subject.client.authenticate(later);
    await subject.settle();
    expect(calls[0]!.signal.aborted).toBe(true);
    expect(sent(subject)).toEqual(["old", "new"]);
    calls[0]!.fail(new SSEError("unauthorized", "signed out"));
    await subject.settle();
    expect(subject.client.status.get().status).toBe("reconnecting");
  });

  test("may be how a refresh is done: one request follows, and a second refusal is final", async () => {
    const onUnauthorized = vi.fn(() => subject.client.authenticate(later));
    const subject = create({ onUnauthorized });
    subject.client.connect();
    await refuse(subject);
    expect(sent(subject)).toEqual(["old", "new"]);
    await refuse(subject);
    expect(subject.client.status.get()).toMatchObject({ status: "closed", reason: "unauthorized" });
    expect(onUnauthorized).toHaveBeenCalledOnce();
  });

  test("connects again after a refusal, and not after disconnect()", async () => {
    const subject = create();
    const { client, open, settle } = subject;
    client.connect();
    await refuse(subject);
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "unauthorized" });
    client.authenticate(later);
    await open();
    expect(client.status.get().status).toBe("open");
    client.disconnect();
    client.authenticate(undefined);
    await settle();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "user" });
    expect(sent(subject)).toEqual(["old", "new"]);
    client.connect();
    await open();
    expect(sent(subject)).toEqual(["old", "new", null]);
  });

  test("leaves a paused client paused", async () => {
    const subject = create();
    subject.client.connect();
    await subject.open();
    subject.client.pause();
    subject.client.authenticate(later);
    await subject.settle();
    expect(subject.client.status.get().status).toBe("paused");
    subject.client.resume();
    await subject.open();
    expect(sent(subject)).toEqual(["old", "new"]);
  });
});
