import { expect, test } from "../support/probe-test.ts";

test("a page left with an open stream comes back from the cache, live again and with what it missed", async ({
  realProbe,
  server,
}) => {
  const { page } = realProbe;
  // Whatever waits for a retry takes longer than this test may.
  await realProbe.open({ retry: { baseMs: 600_000, capMs: 600_000 } });
  server.publish(10);
  await expect.poll(realProbe.received).toEqual(server.log);
  const resumeFrom = server.log.at(-1);

  await page.evaluate(() => {
    location.href = "/elsewhere";
  });
  await expect(page).toHaveTitle("Elsewhere");
  await expect.poll(server.connections).toBe(0);
  server.publish(20);
  expect((await realProbe.trail()).map(({ what }) => what)).toEqual([
    "connecting",
    "loaded",
    "open",
    "paused",
    "left",
    "hidden",
  ]);

  await page.evaluate(() => history.back());
  await expect(page).toHaveTitle("probe");
  await expect.poll(realProbe.status).toBe("open");
  server.publish(5);
  await expect.poll(realProbe.received).toEqual(server.log);

  const [navigation] = await page.evaluate(() =>
    performance.getEntriesByType("navigation").map((entry) => entry.toJSON()),
  );
  expect(navigation).toMatchObject({ notRestoredReasons: null });
  const trail = (await realProbe.trail()).map(({ what }) => what).slice(6);
  expect(trail.filter((what) => ["connecting", "restored", "open", "reconnecting"].includes(what))).toEqual([
    "connecting",
    "restored",
    "open",
  ]);
  expect(server.requests).toEqual([undefined, resumeFrom]);
  expect((await realProbe.read()).state).toMatchObject({ attempt: 0, pausedBy: [] });
  expect(await realProbe.errors()).toEqual([]);
});
