import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createWorld, type Step, type WorldOptions } from "./support/world.ts";

const subscribed = ["a", "b", "c/1", "d"];
/** Also published to, by others for others: it moves the log on. */
const foreign = "elsewhere";

const publish: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("publish"),
  channel: fc.constantFrom(...subscribed, ...subscribed, foreign),
  size: fc.constantFrom(0, 0, 0, 0, 1, 20, 200),
});
const plain = (...names: ("tick" | "stall" | "unstall" | "connect" | "reconnect" | "disconnect")[]) =>
  fc.constantFrom(...names).map((name): Step => ({ do: name }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 50, arbitrary: publish },
  { weight: 20, arbitrary: plain("tick") },
  { weight: 16, arbitrary: plain("connect") },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("cut"),
      // A hello has about 200 bytes and a small message 40, so these are: at once, in the first replay, later.
      after: fc.oneof(fc.constant(0), fc.nat({ max: 400 }), fc.nat({ max: 1_500 })),
      noticed: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(1, 1_000, 5_000, 16_000, 40_000, 400_000) }),
  },
  { weight: 10, arbitrary: plain("stall", "stall", "unstall") },
  { weight: 3, arbitrary: plain("disconnect", "reconnect") },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("refuse"), times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart"), graceful: fc.boolean() }) },
);

const options: fc.Arbitrary<WorldOptions> = fc.record({
  channels: fc.constantFrom(1, 2, 3, 4, 4).map((count) => subscribed.slice(0, count)),
  hub: fc.record({
    history: fc.record({ size: fc.integer({ min: 1, max: 6 }), ttlMs: fc.constantFrom(null, null, 300_000) }),
    historyBytes: fc.constantFrom(2_000, 1_000_000, 1_000_000),
    replayMax: fc.constantFrom(3, 1_000, 1_000),
    initial: fc.constantFrom("none" as const, "none" as const, "last" as const, 2),
    heartbeatMs: fc.constantFrom(null, 15_000),
    retryMs: fc.constantFrom([0, 0] as const, [2_000, 4_000] as const),
    slow: fc.constantFrom({ maxBufferedBytes: 200 }, { maxBufferedBytes: 600 }, { maxBufferedBytes: 1_000_000 }),
    padding: fc.constantFrom(0, 0, 64),
  }),
  chunkBytes: fc.constantFrom(1, 7, 64, 100_000, 100_000),
  seed: fc.nat({ max: 1_000_000 }),
});

const histories = (maxLength: number) => fc.array(step, { maxLength, size: "max" });

async function play(steps: readonly Step[], world: ReturnType<typeof createWorld>) {
  for (const each of steps) await world.do(each);
  await world.finish();
}

// SPEC 43
describe("a real hub and a real client over a link that breaks at any byte", () => {
  test("every message comes exactly once and in order, or a gap says which may not", { timeout: 120_000 }, async () => {
    const reached = { messages: 0, gaps: 0, cutReplays: 0, requests: 0 };
    const reasons = new Set<string>();
    await fc.assert(
      fc.asyncProperty(histories(120), options, async (steps, given) => {
        const world = createWorld(given);
        await play(steps, world);
        expect(world.faults()).toEqual([]);
        reached.messages += world.received.length;
        reached.requests += world.requests.length;
        reached.cutReplays += world.cutReplays;
        reached.gaps += world.trace.gaps.length;
        for (const { reason } of world.trace.gaps) reasons.add(reason);
      }),
      { numRuns: 3_000 },
    );
    // That the histories reach what they are meant to reach; about half of what they usually do.
    expect([...reasons].sort()).toEqual(["epoch", "forgotten", "replay-limit", "slow", "trimmed"]);
    expect(reached.messages, "messages delivered").toBeGreaterThan(10_000);
    expect(reached.requests, "connections").toBeGreaterThan(8_000);
    expect(reached.gaps, "gaps").toBeGreaterThan(1_500);
    expect(reached.cutReplays, "replays cut").toBeGreaterThan(150);
  });

  test("so it is where schemas answer later", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(histories(80), options, async (steps, given) => {
        const world = createWorld({ ...given, isAsync: true });
        await play(steps, world);
        expect(world.faults()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

const message = (channel: string, size = 1): Step => ({ do: "publish", channel, size });
const missed = [message("a"), message("b", 2), message("a"), message(foreign), message("b"), message("a", 3)];
const cut = (after: number, noticed = true): Step => ({ do: "cut", after, noticed });
const restart: Step = { do: "restart", graceful: false };
const tick: Step = { do: "tick" };
const connect: Step = { do: "connect" };

describe("a stream cut at every byte and then resumed", () => {
  const given: WorldOptions = { channels: ["a", "b"], hub: {}, chunkBytes: 100_000, seed: 1 };
  const small = { history: { channels: { a: { size: 2 } } } };
  // The client connects within the first step.
  const before = [tick, message("a"), tick];

  test.each<[string, WorldOptions["hub"], Step[], number, string[]]>([
    ["a replay", {}, [...before, cut(0), ...missed], 6, []],
    ["a replay beside a gap of another channel", small, [...before, cut(0), ...missed], 3, ["a"]],
    ["a first stream", {}, [cut(0), ...before], 0, []],
    ["a first stream that begins with older messages", { initial: 3 }, [cut(0), message("b"), ...before], 2, []],
    ["a stream after a restart", {}, [...before, restart, ...missed], 1, ["a", "b"]],
    ["a replay that is over the limit", { replayMax: 2 }, [...before, cut(0), ...missed], 1, ["a", "b"]],
  ])("%s", { timeout: 30_000 }, async (_, hub, prologue, uncutCount, gapped) => {
    /** One world in which the stream opened after the prologue is cut after so many bytes. */
    const run = async (after: number, chunkBytes: number, noticed: boolean) => {
      const world = createWorld({ ...given, hub, chunkBytes });
      for (const step of prologue) await world.do(step);
      const start = world.bytes;
      await world.do(cut(after, noticed));
      await world.do(connect);
      const size = world.bytes - start;
      const uncut = world.received.length;
      await world.do(message("a"));
      await world.do(tick);
      await world.do(connect);
      for (const step of [message("b"), message("a"), tick]) await world.do(step);
      await world.finish();
      return { world, size, uncut };
    };

    const whole = await run(1_000_000, given.chunkBytes, true);
    expect(whole.uncut, "messages had before and in the uncut stream").toBe(uncutCount);
    expect(whole.world.faults()).toEqual([]);
    for (let after = 0; after <= whole.size + 1; after++) {
      for (const [chunkBytes, noticed] of [
        [given.chunkBytes, true],
        [7, false],
      ] as const) {
        const { world } = await run(after, chunkBytes, noticed);
        const where = `cut after ${after} of ${whole.size} bytes, at most ${chunkBytes} at once, noticed: ${noticed}`;
        expect(world.faults(), where).toEqual([]);
        expect([...new Set(world.trace.gaps.flatMap((gap) => gap.channels))].sort(), where).toEqual(gapped);
      }
    }
  });
});
