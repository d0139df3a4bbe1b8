import { expect, test } from "../support/probe-test.ts";

const LEFT = ["connecting", "loaded", "open", "paused", "left", "hidden"];

test("leaving a live page ends its stream without an error or a sign of reconnecting", async ({ probe, server }) => {
  await probe.open();
  const stop = server.publishEvery(10);
  await expect.poll(async () => (await probe.received()).length).toBeGreaterThan(10);
  await probe.page.goto(`${server.origin}/elsewhere`);
  await expect.poll(server.connections).toBe(0);
  stop();
  expect((await probe.trail()).map(({ what }) => what)).toEqual(LEFT);
  expect(await probe.errors()).toEqual([]);
  expect(server.requests).toHaveLength(1);
});

test("reloading a live page ends its stream without an error and begins another", async ({ probe, server }) => {
  await probe.open();
  await probe.page.reload();
  await expect.poll(probe.status).toBe("open");
  await expect.poll(server.connections).toBe(1);
  server.publish(10);
  await expect.poll(probe.received).toEqual(server.log);
  expect((await probe.trail()).map(({ what }) => what)).toEqual([...LEFT, "connecting", "loaded", "open"]);
  expect(await probe.errors()).toEqual([]);
  expect(server.requests).toEqual([undefined, undefined]);
});

test("leaving is no error either where something else on the page was told first", async ({ probe, server }) => {
  // Chromium ends the fetches of a page that it will not keep before it tells the page, so the client hears of the
  // broken stream between two listeners.
  await probe.page.addInitScript(() => addEventListener("pagehide", () => {}));
  await probe.open();
  await probe.page.goto(`${server.origin}/elsewhere`);
  await expect.poll(server.connections).toBe(0);
  expect((await probe.trail()).map(({ what }) => what)).toEqual(LEFT);
  expect(await probe.errors()).toEqual([]);
});
