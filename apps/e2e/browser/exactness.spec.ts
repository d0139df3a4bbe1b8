import { expectExactness } from "./support/expect-exactness.ts";
import { expect, test } from "./support/test.ts";

const ROUNDS = 10;
const POLL = { intervals: [25], timeout: 20_000 };

test("twenty links cut in frames and replays lose, repeat and reorder nothing", async ({ playground, server }) => {
  playground.expectBrokenStreams();
  await server.setTick(20);
  await playground.open("?trace");
  // By now the snapshot has replaced what came while it was loaded.
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(60);
  const skipped = await playground.figure("duplicates");
  const before = await server.faults();
  const beganAt = Date.now();
  const beganWith = (await server.log()).events.length;

  for (let round = 0; round < ROUNDS; round++) {
    // The stream that is open ends within an event; the one after it, within the events missed meanwhile.
    await server.cutNext(400 + 60 * round);
    await server.cut(1 + 35 * round);
    await expect.poll(async () => (await server.faults()).drops, POLL).toBe(before.drops + 2 * round + 2);
    await expect.poll(() => playground.figure("connects"), POLL).toBe(2 * round + 3);
    await expect(playground.status).toHaveAttribute("data-status", "open");
  }

  const perSecond = ((await server.log()).events.length - beganWith) / ((Date.now() - beganAt) / 1_000);
  await expectExactness(playground, server);
  const { forgotten } = await server.log();
  const after = await server.faults();
  const trace = await playground.trace();
  const presented = await playground.presentedIds();

  expect(forgotten).toBe(0);
  await expect.poll(() => playground.figure("messages")).toBe(trace.length);
  expect(await playground.figure("gaps")).toBe(0);
  expect(await playground.figure("duplicates")).toBe(skipped);
  expect(await playground.figure("connects")).toBe(2 * ROUNDS + 1);

  expect(perSecond).toBeGreaterThanOrEqual(50);
  expect(after.drops - before.drops).toBe(2 * ROUNDS);
  expect(after.midFrame - before.midFrame).toBeGreaterThanOrEqual(5);
  expect(after.midReplay - before.midReplay).toBeGreaterThanOrEqual(5);
  // The page did take in parts of the replays that were cut: it went on from a later id than it had come with.
  const advanced = presented.filter((id, index) => index % 2 === 1 && presented[index + 1] !== id);
  expect(advanced.length).toBeGreaterThanOrEqual(5);
});

test("what was published while disconnected arrives on connecting again", async ({ playground, server }) => {
  playground.expectAbortedStreams();
  await playground.open("?trace");
  await playground.button("disconnect").click();
  await expect.poll(() => server.connections()).toBe(0);
  const missedFrom = (await server.log()).events.length;
  await expect.poll(async () => (await server.log()).events.length).toBeGreaterThan(missedFrom + 30);
  await playground.button("connect").click();
  await expect(playground.status).toHaveAttribute("data-status", "open");
  await expectExactness(playground, server);
});
