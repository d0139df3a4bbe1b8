import type { CDPSession } from "@playwright/test";
import type { reactProbe as ReactProbe } from "../pages/react-page.ts";
import { expect, test } from "../support/probe-test.ts";
import { watchProblems } from "../support/problems.ts";

declare const reactProbe: typeof ReactProbe;

const EVENTS = 5_000;
const LASTING_MS = 1_000;
const LIMIT = 100;

async function usedHeap(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  return (await session.send("Runtime.getHeapUsage")).usedSize;
}

test("five thousand events in a second are published once per frame, in order and within bounds", async ({
  context,
  probe,
  server,
}) => {
  await probe.open({ retain: { tick: LIMIT } });
  const session = await context.newCDPSession(probe.page);
  const heapBefore = await usedHeap(session);
  const before = await probe.read();
  await server.publishOver(LASTING_MS, EVENTS);
  await expect.poll(async () => (await probe.read()).newest).toBe(server.log.at(-1));
  const after = await probe.read();
  const heapAfter = await usedHeap(session);

  expect(after.received).toHaveLength(EVENTS);
  expect(after.received).toEqual(server.log);
  const flushes = after.flushes - before.flushes;
  const frames = after.frames - before.frames;
  test.info().annotations.push({
    type: "measured",
    description: `${flushes} flushes, ${frames} frames, ${Math.round((heapAfter - heapBefore) / 1_000)} kB`,
  });
  expect(flushes).toBeLessThanOrEqual(frames + 1);
  // It did come over many frames.
  expect(flushes).toBeGreaterThan(5);
  expect(after.kept).toBe(LIMIT);
  expect(after.dropped).toBe(EVENTS - LIMIT);
  // The events themselves are 5 MB. The page keeps their ids, two hundred messages and what the engine needs for them.
  expect(heapAfter - heapBefore).toBeLessThan(2_000_000);
  expect(server.requests).toHaveLength(1);
  expect(await probe.errors()).toEqual([]);
});

test("React components render at most once per frame of a flood, and only those that show what changed", async ({
  page,
  server,
}) => {
  const problems = watchProblems(page);
  const read = () => page.evaluate(() => reactProbe.read());
  await page.goto(`${server.origin}/pages/react`);
  await expect.poll(async () => (await read()).status).toBe("open");
  const before = await read();
  await server.publishOver(LASTING_MS, EVENTS);
  await expect.poll(async () => (await read()).items.at(-1)).toBe(EVENTS - 1);
  const after = await read();

  expect(after.messages).toBe(EVENTS);
  expect(after.items).toEqual(Array.from({ length: 10 }, (_, index) => EVENTS - 10 + index));
  const frames = after.frames - before.frames;
  const renders = Object.entries(after.renders).map(([name, count]) => [name, count - (before.renders[name] ?? 0)]);
  const { quiet, hundreds, ...others } = Object.fromEntries(renders) as Record<string, number>;
  test.info().annotations.push({
    type: "measured",
    description: `${frames} frames, ${JSON.stringify(others)}, ${hundreds} of a selector`,
  });
  expect(quiet).toBe(0);
  expect(hundreds).toBeLessThanOrEqual(Math.min(frames + 1, EVENTS / 100));
  for (const [name, count] of Object.entries(others)) {
    expect(count, name).toBeGreaterThan(5);
    expect(count, name).toBeLessThanOrEqual(frames + 1);
  }
  expect(server.requests).toHaveLength(1);
  // "Maximum update depth exceeded" would be among them.
  expect(problems.found).toEqual([]);
});
