import { expectExactness } from "./support/expect-exactness.ts";
import { expect, test } from "./support/test.ts";

test("a stream that falls silent is shown as stale, then replaced, and nothing is missing", async ({
  page,
  playground,
  server,
}) => {
  playground.expectAbortedStreams();
  await playground.open("?trace");
  await playground.button("stall").click();
  await expect(playground.status).toHaveText("Silent");
  await expect(playground.status).toHaveAttribute("data-status", "open");
  await expect(page.getByTestId("badge-stale")).toBeVisible();
  await expect(page.getByText("May be old", { exact: true })).toHaveCount(2);
  expect(await playground.figure("connects")).toBe(1);

  await expect.poll(() => playground.figure("connects")).toBe(2);
  await expect(playground.status).toHaveText("Live");
  await expect(page.getByTestId("badge-stale")).toHaveCount(0);
  await expect(page.getByTestId("resume")).toHaveAttribute("data-value", "replayed");
  await expectExactness(playground, server);
});

test("behind a buffering proxy the page polls, and streams again once it is gone, without loss", async ({
  page,
  playground,
  server,
}) => {
  playground.expectBrokenStreams();
  playground.expectAbortedStreams();
  playground.expectPolling();
  await playground.open("?trace");
  await expect(playground.transport).toHaveAttribute("data-transport", "fetch");
  await playground.button("buffer").click();
  await expect(playground.button("buffer")).toHaveAttribute("aria-pressed", "true");

  await expect(playground.transport).toHaveAttribute("data-transport", "polling", { timeout: 20_000 });
  await expect(playground.status).toHaveText("Live");
  await expect(page.getByTestId("cause")).toContainText("Streams do not get through");
  const messages = await playground.figure("messages");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(messages + 30);

  await playground.button("buffer").click();
  await expect(playground.transport).toHaveAttribute("data-transport", "fetch", { timeout: 30_000 });
  await expect(playground.status).toHaveText("Live");
  await expectExactness(playground, server);
});

test("what another page has switched on is shown as on", async ({ playground, server }) => {
  await server.setSwitches({ snapshotFails: true });
  playground.expectStatus("/api/snapshot/ticker", 500);
  await playground.open();
  await expect(playground.button("snapshot-fails")).toHaveAttribute("aria-pressed", "true");
  await expect(playground.button("buffer")).toHaveAttribute("aria-pressed", "false");
});
