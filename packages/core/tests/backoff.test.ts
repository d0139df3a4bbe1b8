import { describe, expect, test } from "vitest";
import { decideRetry, type RetryInput } from "../src/connection/backoff.ts";
import { SSEError, type SSEErrorCode, type SSEErrorDetails } from "../src/errors.ts";

const decide = (
  code: SSEErrorCode,
  details: SSEErrorDetails = {},
  input: Partial<RetryInput> = {},
): ReturnType<typeof decideRetry> =>
  decideRetry(new SSEError(code, "x", details), {
    attempt: 0,
    policy: true,
    serverRetryMs: 0,
    roll: 0.5,
    canRefresh: false,
    canRepeat: true,
    isOnline: true,
    ...input,
  });

// SPEC 20
describe("what is retried", () => {
  test.each<SSEErrorCode>(["network", "timeout", "ended", "request", "bye"])("%s", (code) => {
    expect(decide(code)).toEqual({ delayMs: 1_000, notBeforeMs: 0, counts: 1 });
  });
  test.each([408, 425, 429, 500, 502, 503, 504])("status %i", (status) => {
    expect(decide("http", { status })).toEqual({ delayMs: 1_000, notBeforeMs: 0, counts: 1 });
  });
});

// SPEC 21
describe("what is not", () => {
  test.each([205, 206, 301, 304, 400, 404, 410, 418])("status %i stops", (status) => {
    expect(decide("http", { status })).toBe("error");
  });
  test("204 stops because the server asked", () => expect(decide("http", { status: 204 })).toBe("server"));
  test("a wrong content type stops", () => expect(decide("content-type", { status: 200 })).toBe("error"));
  test("an event too large stops", () => expect(decide("too-large")).toBe("error"));
  test("nothing is retried when retry is false", () => expect(decide("network", {}, { policy: false })).toBe("error"));
  test("the last allowed attempt is the last", () => {
    const policy = { maxAttempts: 3 };
    expect(decide("network", {}, { policy, attempt: 2 })).toMatchObject({ notBeforeMs: 0 });
    expect(decide("network", {}, { policy, attempt: 3 })).toBe("attempts");
  });
});

// SPEC 22
describe("credentials", () => {
  test.each([401, 403])("%i refreshes once", (status) => {
    expect(decide("unauthorized", { status }, { canRefresh: true })).toBe("refresh");
    expect(decide("unauthorized", { status })).toBe("unauthorized");
  });
  test("an expired stream refreshes", () => {
    expect(decide("bye", { reason: "expired" }, { canRefresh: true })).toBe("refresh");
    expect(decide("bye", { reason: "expired" })).toBe("unauthorized");
  });
});

// SPEC 7
describe("a request that may not be repeated", () => {
  const once = { canRepeat: false, canRefresh: true };
  test.each<[SSEErrorCode, SSEErrorDetails]>([
    ["network", {}],
    ["timeout", {}],
    ["ended", {}],
    ["bye", { reason: "shutdown" }],
    ["http", { status: 503, retryAfterMs: 1_000 }],
  ])("is not, after %s", (code, details) => {
    expect(decide(code, details, once)).toBe("error");
  });
  test("is, once refused: it had no effect", () => expect(decide("unauthorized", {}, once)).toBe("refresh"));
  test("is not, once its stream has expired", () => {
    expect(decide("bye", { reason: "expired" }, once)).toBe("unauthorized");
  });
});

// SPEC 26
describe("without a network", () => {
  const offline = { isOnline: false };
  test("waits 30 s and does not count, whatever the attempts", () => {
    const expected = { delayMs: 30_000, notBeforeMs: 0, counts: 0 };
    for (const attempt of [0, 3, 9])
      expect(decide("network", {}, { ...offline, attempt, policy: { maxAttempts: 3 } })).toEqual(expected);
  });
  test("waits as long as Retry-After demands, no longer than a timer can", () => {
    const demanding = (retryAfterMs: number) => decide("http", { status: 503, retryAfterMs }, offline);
    expect(demanding(50_000)).toEqual({ delayMs: 50_000, notBeforeMs: 50_000, counts: 0 });
    expect(demanding(5_000)).toEqual({ delayMs: 30_000, notBeforeMs: 5_000, counts: 0 });
    expect(demanding(1e15)).toEqual({ delayMs: 2 ** 31 - 1, notBeforeMs: 2 ** 31 - 1, counts: 0 });
  });
  test("stops for what is final", () => {
    expect(decide("content-type", { status: 200 }, offline)).toBe("error");
    expect(decide("network", {}, { ...offline, policy: false })).toBe("error");
  });
});

// SPEC 23
describe("the wait", () => {
  const delay = (attempt: number, roll: number, input: Partial<RetryInput> = {}) =>
    (decide("network", {}, { attempt, roll, ...input }) as { delayMs: number }).delayMs;

  test("spreads from 0 to 2 s, doubled per attempt, up to 30 s", () => {
    expect([0, 1, 2, 3, 4, 5, 60].map((attempt) => delay(attempt, 1))).toEqual([
      2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
    expect(delay(5, 0)).toBe(0);
  });
  test("takes the server's retry as a floor", () => expect(delay(0, 0.5, { serverRetryMs: 700 })).toBe(1_700));
  test("takes Retry-After as the floor instead, and as what nobody may shorten", () => {
    expect(decide("http", { status: 503, retryAfterMs: 3_000 }, { serverRetryMs: 700 })).toEqual({
      delayMs: 4_000,
      notBeforeMs: 3_000,
      counts: 1,
    });
  });
  test.each([
    ["is cut to the longest time of a timer", 1e15, 2 ** 31 - 1, 2 ** 31 - 1],
    ["may be text from JSON", "3000", 4_000, 3_000],
    ["is ignored when it is negative", -3_000, 1_000, 0],
    ["is ignored when it is no number", "soon", 1_000, 0],
    ["is ignored when it is an object", {}, 1_000, 0],
    ["is ignored when it is null", null, 1_000, 0],
  ])("Retry-After %s", (_, retryAfterMs, delayMs, notBeforeMs) => {
    const details = { reason: "shutdown", retryAfterMs: retryAfterMs as number };
    expect(decide("bye", details)).toEqual({ delayMs, notBeforeMs, counts: 1 });
  });
  test("is a number after any number of attempts, also without jitter", () => {
    expect(delay(5_000, 1, { policy: { baseMs: 0 } })).toBe(0);
    expect(delay(5_000, 1, { policy: { baseMs: 1 } })).toBe(30_000);
  });
  test("a default is used for what a policy leaves out or leaves undefined", () => {
    const policy = { baseMs: 10, capMs: undefined } as unknown as RetryInput["policy"];
    expect(delay(0, 1, { policy })).toBe(10);
    expect(delay(60, 1, { policy })).toBe(30_000);
  });
});
