import { expectExactness } from "./support/expect-exactness.ts";
import { expect, test } from "./support/test.ts";

test("a paused stream is gone from the server, and goes on without loss when resumed", async ({
  page,
  playground,
  server,
}) => {
  playground.expectAbortedStreams();
  await playground.open("?trace");
  await playground.button("pause-stream").click();
  await expect(playground.status).toHaveText("Paused");
  await expect(page.getByTestId("badge-paused")).toHaveText("Paused by you");
  await expect(playground.button("connect")).toHaveAttribute("aria-disabled", "true");
  await expect.poll(() => server.connections()).toBe(0);
  const missedFrom = (await server.log()).events.length;
  await expect.poll(async () => (await server.log()).events.length).toBeGreaterThan(missedFrom + 30);

  await expect(playground.button("pause-stream")).toHaveAccessibleName("Resume");
  await playground.button("pause-stream").click();
  await expect(playground.status).toHaveText("Live");
  await expect(page.getByTestId("resume")).toHaveAttribute("data-value", "replayed");
  await expectExactness(playground, server);
});

test("a stream disconnected while paused stays paused when connected, until it is resumed", async ({ playground }) => {
  playground.expectAbortedStreams();
  await playground.open();
  await playground.button("pause-stream").click();
  await playground.button("disconnect").click();
  await expect(playground.status).toHaveText("Disconnected");
  await playground.button("connect").click();
  await expect(playground.status).toHaveText("Paused");
  await playground.button("pause-stream").click();
  await expect(playground.status).toHaveText("Live");
});

test("reconnect replaces an open stream", async ({ playground }) => {
  playground.expectAbortedStreams();
  await playground.open();
  await playground.button("reconnect").click();
  await expect.poll(() => playground.figure("connects")).toBe(2);
  await expect(playground.status).toHaveText("Live");
  await expect(playground.gaps).toHaveCount(0);
});

test("a channel that is not watched leaves the open stream, and brings what was missed when it is watched again", async ({
  page,
  playground,
  server,
}) => {
  await playground.open();
  const services = page.getByTestId("channel-services");
  await playground.button("watch").click();
  await expect(services).toHaveAttribute("data-subscribed", "false");
  await expect(page.getByTestId("services-off")).toBeVisible();
  // The page lets go of a channel a second after it was last shown.
  await expect(playground.frames.filter({ hasText: "POST /api/sse" })).toHaveCount(1);
  await server.setTick(10);
  const published = async () => (await server.log()).events.filter(({ channel }) => channel === "services").length;
  const before = await published();
  await expect.poll(published).toBeGreaterThan(before + 3);

  await playground.button("watch").click();
  await expect(services).toHaveAttribute("data-subscribed", "true");
  await server.setTick(null);
  const { events } = await server.log();
  for (const name of ["orders", "pricing", "clearing", "accounts", "reports", "login"]) {
    const newest = events.findLast(({ channel, data }) => channel === "services" && data["name"] === name);
    await expect(playground.service(name)).toHaveAttribute("data-state", String(newest?.data["state"]));
  }
  expect(await playground.figure("connects")).toBe(1);
  await expect(playground.gaps).toHaveCount(0);
});
