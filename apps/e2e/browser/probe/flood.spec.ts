import type { CDPSession } from "@playwright/test";
import { frontEnds } from "playground-server/front-ends";
import { expect, test } from "../support/probe-test.ts";
import { createRenderPage, rendersBetween } from "../support/render-page.ts";

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

for (const framework of frontEnds)
  test(`components in ${framework} render at most once per frame of a flood, and only those that show what changed`, async ({
    page,
    server,
  }) => {
    const { problems, open, read, items } = createRenderPage(page, server, framework);
    await open();
    const before = await read();
    await server.publishOver(LASTING_MS, EVENTS);
    await expect.poll(async () => (await items()).at(-1)).toBe(EVENTS - 1);
    const after = await read();

    expect(after.messages).toBe(EVENTS);
    expect(after.items).toEqual(Array.from({ length: 10 }, (_, index) => EVENTS - 10 + index));
    const frames = after.frames - before.frames;
    const { quiet, thousands = Number.NaN, ...others } = rendersBetween(before, after);
    test.info().annotations.push({
      type: "measured",
      description: `${frames} frames, ${JSON.stringify(others)}, ${thousands} of a selector`,
    });
    expect(quiet).toBe(0);
    expect(thousands).toBeGreaterThan(1);
    // Fewer than of any part that shows every change.
    expect(thousands).toBeLessThanOrEqual(EVENTS / 1_000);
    expect(Object.keys(others)).toEqual(["list", "newest 0", "newest 1", "newest 2", "stats"]);
    for (const [part, count] of Object.entries(others)) {
      expect(count, part).toBeGreaterThan(5);
      expect(count, part).toBeLessThanOrEqual(frames + 1);
    }
    expect(server.requests).toHaveLength(1);
    // A framework that gives up on updates that follow from each other says so there.
    expect(problems.found).toEqual([]);
  });
