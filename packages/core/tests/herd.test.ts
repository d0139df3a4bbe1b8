import { createFakeEnvironment } from "test-kit/fake-environment";
import { describe, expect, test } from "vitest";
import { decideRetry } from "../src/connection/backoff.ts";
import { createSSEClient, SSEError } from "../src/index.ts";

/*
 * A server restarts, and a thousand clients lose their streams in the same moment. What counts is how many of them come
 * back in the same tenth of a second.
 */

const CLIENTS = 1_000;
const BUCKET_MS = 100;
const SEEDS = 20;

const input = { policy: true, serverRetryMs: 0, canRefresh: false, canRepeat: true, isOnline: true } as const;
const failure = new SSEError("network", "the server restarts");
const boundOf = (attempt: number) => Math.min(30_000, 2_000 * 2 ** attempt);

/** How many of the moments fall into each tenth of a second. */
function countPerBucket(moments: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const moment of moments) {
    const bucket = Math.floor(moment / BUCKET_MS);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return [...counts.values()];
}
const fullest = (moments: readonly number[]) => Math.max(...countPerBucket(moments)) / moments.length;

/** When each of the clients makes its next attempt. */
function delaysOf(attempt: number, seed: number, serverRetryMs = 0): number[] {
  const { random } = createFakeEnvironment({ seed });
  return Array.from({ length: CLIENTS }, () => {
    const decision = decideRetry(failure, { ...input, attempt, serverRetryMs, roll: random() });
    return typeof decision === "string" ? Number.NaN : decision.delayMs;
  });
}

// SPEC 23
describe("a thousand clients that lost their streams at once", () => {
  const seeds = Array.from({ length: SEEDS }, (_, seed) => seed + 1);

  test.each([0, 1, 2, 3, 4, 10])("come back evenly on attempt %i: no moment gets twice its share", (attempt) => {
    const share = BUCKET_MS / boundOf(attempt);
    expect(fullest(seeds.flatMap((seed) => delaysOf(attempt, seed)))).toBeLessThan(2 * share);
    for (const seed of seeds) {
      const delays = delaysOf(attempt, seed);
      expect(Math.max(...delays)).toBeLessThan(boundOf(attempt));
      expect(Math.max(...delays)).toBeGreaterThan(0.98 * boundOf(attempt));
      expect(Math.min(...delays)).toBeLessThan(0.02 * boundOf(attempt));
    }
  });

  test("are never more than 6 % in a tenth of a second, and from attempt 3 on never more than 2 %", () => {
    // On attempt 0 the share is 5 %; the law of small numbers is left out by looking at twenty restarts.
    expect(fullest(seeds.flatMap((seed) => delaysOf(0, seed)))).toBeLessThanOrEqual(0.06);
    for (const attempt of [3, 4, 5, 10])
      for (const seed of seeds) expect(fullest(delaysOf(attempt, seed))).toBeLessThanOrEqual(0.02);
  });

  test("are spread above a retry of the server as they are without", () => {
    const delays = delaysOf(0, 1, 5_000);
    expect(delays).toEqual(delaysOf(0, 1).map((delay) => delay + 5_000));
  });

  test("keep apart as whole clients, too, attempt by attempt", async () => {
    const environment = createFakeEnvironment();
    const { clock } = environment;
    const asked: number[][] = [];
    const attempts: number[] = [];
    let isUp = true;
    const breaks: (() => void)[] = [];
    const clients = Array.from({ length: CLIENTS }, (_, index) =>
      createSSEClient({
        url: "http://host.test/events",
        environment,
        // Without fetch and its streams a thousand clients take a moment.
        transport: () => (_request, sink) => {
          if (isUp) {
            sink.open("fetch");
            breaks.push(() => sink.end(failure));
            return;
          }
          const attempt = attempts[index] ?? 0;
          attempts[index] = attempt + 1;
          asked[attempt] = [...(asked[attempt] ?? []), clock.now()];
          sink.end(failure);
        },
      }),
    );
    for (const client of clients) client.connect();
    await clock.advanceAsync(0);
    isUp = false;
    for (const end of breaks) end();
    // Waits are looked at by the clock; a request is made some promises later.
    for (let step = 0; step < 60_000; step += 50) {
      clock.advance(50);
      await new Promise(setImmediate);
    }
    for (const client of clients) client.close();
    expect(asked[0]).toHaveLength(CLIENTS);
    expect(asked[3]).toHaveLength(CLIENTS);
    expect(fullest(asked[0]!)).toBeLessThanOrEqual(2 * (BUCKET_MS / boundOf(0)));
    expect(fullest(asked[3]!)).toBeLessThanOrEqual(0.02);
    expect(clock.pending).toBe(0);
  });
});
