import { describe, expect, test, vi } from "vitest";
import { createTestClient } from "./support/test-client.ts";

const noop = () => {};

function createSilent(options: Parameters<typeof createTestClient>[0] = {}) {
  const onError = vi.fn();
  const subject = createTestClient({ onError, ...options });
  subject.environment.setRandom(0);
  subject.client.channel("message").on(noop);
  return { ...subject, onError };
}

// SPEC 29
describe("no answer", () => {
  test("is explained after 10 s, and a plain server may take its time", async () => {
    const { client, environment, harness, onError, open } = createSilent();
    await environment.clock.advanceAsync(9_999);
    expect(onError).not.toHaveBeenCalled();
    await environment.clock.advanceAsync(1);
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "timeout" }));
    expect(onError.mock.lastCall![0].message).toContain("six connections per origin");
    expect(client.status.get()).toMatchObject({ status: "connecting", attempt: 0, cause: null });
    await environment.clock.advanceAsync(3_600_000);
    expect(onError).toHaveBeenCalledOnce();
    await open();
    expect(client.status.get().status).toBe("open");
    expect(harness.requests).toHaveLength(1);
  });

  test("is a failed attempt in contract mode, and tried again", async () => {
    const { client, environment, harness, onError, open } = createSilent({ contract: true, firstByteTimeoutMs: 2_000 });
    await environment.clock.advanceAsync(2_000);
    expect(harness.requests[0]?.aborted).toBe(true);
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "timeout" }));
    expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1, cause: { code: "timeout" } });
    expect(harness.requests).toHaveLength(2);
    await harness.nextRequest();
    (await open()).push(":\n");
    await environment.clock.advanceAsync(0);
    expect(client.status.get()).toMatchObject({ status: "open", cause: null });
  });

  test("is the function's, where a function never ends", async () => {
    const signals: AbortSignal[] = [];
    const { client, environment, harness, onError } = createSilent({
      contract: true,
      url: ({ signal }) => {
        signals.push(signal);
        return new Promise<string>(noop);
      },
    });
    await environment.clock.advanceAsync(10_000);
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: "timeout" }));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(client.status.get().attempt).toBe(1);
    expect(harness.requests).toHaveLength(0);
  });

  test("is not explained to someone who has given up", async () => {
    const { client, environment, onError } = createSilent();
    environment.clock.advance(9_999);
    client.close();
    await environment.clock.advanceAsync(10_000);
    expect(onError).not.toHaveBeenCalled();
    environment.flush();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
  });

  test("counts anew for every attempt", async () => {
    const { client, environment, onError } = createSilent();
    await environment.clock.advanceAsync(6_000);
    client.reconnect();
    await environment.clock.advanceAsync(9_999);
    expect(onError).not.toHaveBeenCalled();
    await environment.clock.advanceAsync(1);
    expect(onError).toHaveBeenCalledOnce();
  });
});

// SPEC 29
describe("an answer without a byte", () => {
  test("is an open stream in plain mode", async () => {
    const { client, environment, open, onError } = createSilent();
    await open();
    await environment.clock.advanceAsync(3_600_000);
    expect(client.status.get().status).toBe("open");
    expect(onError).not.toHaveBeenCalled();
  });

  test("is a failed attempt in contract mode: a proxy may hold back the stream", async () => {
    const { client, environment, harness, open, onError } = createSilent({ contract: true });
    const request = await open();
    await environment.clock.advanceAsync(9_999);
    expect(client.status.get().status).toBe("connecting");
    await environment.clock.advanceAsync(1);
    expect(request.aborted).toBe(true);
    expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1 });
    expect(onError.mock.lastCall![0].message).toContain("buffers");
    expect(harness.requests).toHaveLength(2);
  });

  test("any byte makes it open, half a comment too", async () => {
    const { client, environment, open } = createSilent({ contract: true });
    const request = await open();
    await environment.clock.advanceAsync(9_999);
    request.push(":");
    await environment.clock.advanceAsync(60_000);
    expect(client.status.get().status).toBe("open");
  });

  test("uses up the same attempts as any other failure", async () => {
    const { client, environment } = createSilent({ contract: true, retry: { maxAttempts: 2 } });
    await environment.clock.advanceAsync(40_000);
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "attempts", cause: { code: "timeout" } });
  });
});
