import { describe, expect, test, vi } from "vitest";
import { frame } from "./support/test-client.ts";
import { createWatched, DEAD, helloOf, INTERVAL, STALE } from "./support/watched-client.ts";

// SPEC 28
describe("an open stream that goes silent", () => {
  test("is stale after 1.5 intervals and replaced after 2.5, as a failed attempt", async () => {
    const { client, environment, harness, request, onError } = await createWatched();
    environment.clock.advance(STALE - 1);
    expect(client.status.get()).toMatchObject({ status: "open", stale: false });
    environment.clock.advance(1);
    expect(client.status.get()).toMatchObject({ status: "open", stale: true });
    environment.clock.advance(DEAD - STALE - 1);
    expect(client.status.get().status).toBe("open");
    environment.clock.advance(1);
    expect(request.aborted).toBe(true);
    expect(client.status.get()).toMatchObject({
      status: "reconnecting",
      stale: false,
      attempt: 1,
      nextRetryAt: DEAD + 1_000,
      cause: { code: "timeout" },
    });
    expect(onError).toHaveBeenCalledExactlyOnceWith(client.status.get().cause);
    expect(harness.requests).toHaveLength(1);
  });

  test("uses up the same attempts as any other failure", async () => {
    const { client, environment, harness, settle, open } = await createWatched({ retry: { maxAttempts: 1 } });
    await environment.clock.advanceAsync(DEAD + 1_000);
    expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1 });
    (await open()).push(helloOf(INTERVAL));
    await settle();
    // It has not been open for long enough to be forgiven.
    environment.clock.advance(4_000);
    harness.requests.at(-1)!.breakBody();
    await settle();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "attempts" });
  });

  test("is not sent again when it is not repeatable", async () => {
    const { client, environment, harness, settle } = await createWatched(
      { method: "POST", body: "{}", heartbeatMs: INTERVAL },
      "",
    );
    environment.clock.advance(DEAD);
    await settle();
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "error", cause: { code: "timeout" } });
    expect(harness.requests).toHaveLength(1);
  });
});

// SPEC 28
describe("what counts as life", () => {
  test.each([
    ["a comment", ":\n"],
    ["half a comment", ":"],
    ["an id-only block", "id: abc123.1\n\n"],
    ["an unknown control event", frame("sse.later", {})],
    ["a message", "data: 1\n\n"],
    ["a message that cannot be decoded", "event: message\ndata: {\n\n"],
  ])("%s", async (_, text) => {
    const { client, environment, say, harness } = await createWatched();
    for (let round = 0; round < 5; round++) {
      environment.clock.advance(STALE + 2_000);
      expect(client.status.get().stale).toBe(true);
      await say(text);
      expect(client.status.get().stale).toBe(false);
    }
    expect(harness.requests).toHaveLength(1);
  });

  test("heartbeats in time are never stale", async () => {
    const { client, environment, say } = await createWatched();
    const stale = vi.fn();
    client.status.subscribe(() => client.status.get().stale && stale());
    for (let beat = 0; beat < 50; beat++) {
      environment.clock.advance(INTERVAL);
      await say(":\n\n");
    }
    expect(stale).not.toHaveBeenCalled();
  });

  test("what a superseded stream still delivers does not count for its successor", async () => {
    const { client, environment, open, request } = await createWatched({ heartbeatMs: INTERVAL }, "");
    client.reconnect();
    await open();
    environment.clock.advance(DEAD - 1);
    request.push(":\n");
    await environment.clock.advanceAsync(1);
    expect(client.status.get().status).toBe("reconnecting");
  });
});

// SPEC 28
describe("how long a stream may be silent", () => {
  test("for ever, when the server promises nothing and the option is not set", async () => {
    const { client, environment, harness } = await createWatched({}, ":\n");
    environment.clock.advance(86_400_000);
    expect(client.status.get()).toMatchObject({ status: "open", stale: false });
    expect(harness.requests).toHaveLength(1);
  });

  test("as the option says, of a plain server", async () => {
    const { client, environment } = await createWatched({ heartbeatMs: 4_000 }, "data: 1\n\n");
    environment.clock.advance(6_000);
    expect(client.status.get().stale).toBe(true);
    environment.clock.advance(4_000);
    expect(client.status.get().cause).toMatchObject({ code: "timeout" });
  });

  test("as hello says, in place of the option", async () => {
    const { client, environment } = await createWatched({ heartbeatMs: 1_000 });
    environment.clock.advance(STALE - 1);
    expect(client.status.get().stale).toBe(false);
    environment.clock.advance(1);
    expect(client.status.get().stale).toBe(true);
  });

  test.each([null, undefined, 0, -5, "soon", Number.NaN])("for ever, when hello says %s", async (value) => {
    const { client, environment } = await createWatched({ heartbeatMs: 1_000 }, helloOf(value));
    await environment.clock.advanceAsync(86_400_000);
    expect(client.status.get()).toMatchObject({ status: "open", stale: false });
    expect(environment.clock.pending).toBe(0);
  });

  test("anew with every stream: the option holds again until hello", async () => {
    const { client, environment, openAgain } = await createWatched({ heartbeatMs: 60_000 });
    client.reconnect();
    await openAgain();
    environment.clock.advance(80_000);
    expect(client.status.get()).toMatchObject({ status: "open", stale: false });
    environment.clock.advance(10_000);
    expect(client.status.get().stale).toBe(true);
  });
});

test("nothing of it is left when the connection ends", async () => {
  const { client, environment } = await createWatched();
  environment.clock.advance(STALE);
  client.close();
  environment.flush();
  expect(client.status.get().stale).toBe(false);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
});
