import { expect, test } from "../support/probe-test.ts";

test("a hidden tab keeps its stream, receives everything once and publishes it without animation frames", async ({
  realProbe,
  coverTab,
  server,
}) => {
  await realProbe.open();
  await coverTab();
  await expect.poll(async () => (await realProbe.read()).visibility).toBe("hidden");
  const before = await realProbe.read();

  const stop = server.publishEvery(20);
  await expect
    .poll(async () => (await realProbe.read()).flushes, { intervals: [100] })
    .toBeGreaterThanOrEqual(before.flushes + 2);
  stop();
  await expect.poll(async () => (await realProbe.read()).newest).toBe(server.log.at(-1));

  const after = await realProbe.read();
  expect(after.frames).toBe(before.frames);
  expect(after.visibility).toBe("hidden");
  expect(after.received).toEqual(server.log);
  // Far fewer than messages: what comes within a second is published together.
  expect(after.flushes - before.flushes).toBeLessThan(server.log.length / 5);
  expect(server.requests).toHaveLength(1);
  expect(await realProbe.errors()).toEqual([]);
});

test("a tab hidden for longer than allowed lets go of its stream and takes it up where it left when seen again", async ({
  realProbe,
  coverTab,
  server,
}) => {
  // Whatever waits for a retry takes longer than this test may.
  await realProbe.open({ pauseHiddenAfterMs: 300, retry: { baseMs: 600_000, capMs: 600_000 } });
  server.publish(10);
  await expect.poll(realProbe.received).toEqual(server.log);
  const cover = await coverTab();
  await expect.poll(server.connections).toBe(0);
  await expect.poll(realProbe.status).toBe("paused");
  expect((await realProbe.read()).state.pausedBy).toEqual(["hidden"]);
  const resumeFrom = server.log.at(-1);
  server.publish(20);

  await cover.close();
  await realProbe.page.bringToFront();
  await expect.poll(realProbe.status).toBe("open");
  server.publish(5);
  await expect.poll(realProbe.received).toEqual(server.log);

  const trail = await realProbe.trail();
  expect(trail.map(({ what }) => what)).toEqual([
    "connecting",
    "loaded",
    "open",
    "hidden",
    "paused",
    "connecting",
    "visible",
    "open",
  ]);
  const at = (index: number) => trail[index]?.at ?? Number.NaN;
  expect(at(4) - at(3)).toBeGreaterThanOrEqual(299);
  expect(server.requests).toEqual([undefined, resumeFrom]);
  expect((await realProbe.read()).state).toMatchObject({ attempt: 0, resume: { type: "replayed", count: 20 } });
  expect(await realProbe.errors()).toEqual([]);
});

test("a tab that is hidden only for a moment keeps its stream", async ({ realProbe, coverTab, server }) => {
  await realProbe.open({ pauseHiddenAfterMs: 30_000 });
  const cover = await coverTab();
  await expect.poll(async () => (await realProbe.read()).visibility).toBe("hidden");
  server.publish(10);
  await expect.poll(realProbe.received).toEqual(server.log);
  await cover.close();
  await realProbe.page.bringToFront();
  await expect.poll(async () => (await realProbe.read()).visibility).toBe("visible");
  server.publish(10);
  await expect.poll(realProbe.received).toEqual(server.log);
  expect(server.requests).toHaveLength(1);
});
