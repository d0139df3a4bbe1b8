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
  test.each<SSEErrorCode>(["network", "ended", "request", "bye"])("%s", (code) => {
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
  test("a default is used for what a policy leaves out or leaves undefined", () => {
    const policy = { baseMs: 10, capMs: undefined } as unknown as RetryInput["policy"];
    expect(delay(0, 1, { policy })).toBe(10);
    expect(delay(60, 1, { policy })).toBe(30_000);
  });
});
