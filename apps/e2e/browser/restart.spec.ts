import { expect, test } from "./support/test.ts";

test("after a restart of the hub one gap is shown and data continues", async ({ page, playground, server }) => {
  playground.expectBrokenStreams();
  await playground.open();
  const oldEpoch = (await server.log()).epoch;
  await playground.button("restart").click();

  await expect(playground.gaps).toHaveCount(1);
  await expect(playground.gaps).toHaveAttribute("data-reason", "epoch");
  await expect(page.getByTestId("resume")).toHaveAttribute("data-value", "gap");
  const { epoch } = await server.log();
  expect(epoch).not.toBe(oldEpoch);

  const messages = await playground.figure("messages");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(messages + 50);
  await expect(playground.lastEventId).toHaveText(new RegExp(`^${epoch}\\.`));
  await expect(playground.gaps).toHaveCount(1);
  expect(await playground.figure("gaps")).toBe(1);
});

test("a dismissed gap stays away, also after the link breaks", async ({ page, playground, server }) => {
  playground.expectBrokenStreams();
  await playground.open();
  await playground.button("restart").click();
  await expect(playground.gaps).toHaveCount(1);
  const messages = await playground.figure("messages");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(messages);
  await page.getByTestId("gap-dismiss").click();
  await expect(playground.gaps).toHaveCount(0);

  await server.drop();
  await expect.poll(() => playground.figure("connects")).toBe(3);
  await expect(playground.status).toHaveAttribute("data-status", "open");
  await expect(playground.gaps).toHaveCount(0);
});
