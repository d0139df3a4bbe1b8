import type { Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

test("disconnect stops the stream and connect starts it again", async ({ playground, server }) => {
  playground.expectAbortedStreams();
  await playground.open();
  await playground.button("disconnect").click();
  await expect(playground.status).toHaveText("Disconnected");
  await expect.poll(() => server.connections()).toBe(0);
  await expect(playground.button("disconnect")).toHaveAttribute("aria-disabled", "true");

  await playground.button("connect").click();
  await expect(playground.status).toHaveText("Live");
  await expect.poll(() => server.connections()).toBe(1);
  await expect(playground.button("connect")).toHaveAttribute("aria-disabled", "true");
});

test("a dropped link comes back by itself", async ({ playground }) => {
  playground.expectBrokenStreams();
  await playground.open();
  await playground.button("drop").click();
  await expect.poll(() => playground.figure("connects")).toBe(2);
  await expect(playground.status).toHaveText("Live");
  await expect(playground.gaps).toHaveCount(0);
});

test("a frame cut in the middle is received whole on the next link", async ({ playground, server }) => {
  playground.expectBrokenStreams();
  await playground.open();
  const { midFrame } = await server.faults();
  await playground.button("cut").click();
  await expect.poll(async () => (await server.faults()).midFrame).toBe(midFrame + 1);
  await expect.poll(() => playground.figure("connects")).toBe(2);
  await expect(playground.status).toHaveText("Live");
  expect(await playground.figure("invalid")).toBe(0);
});

test("a fault shows that it is under way, and why it failed", async ({ page, playground }) => {
  const path = "/api/faults/drop";
  playground.expectRefused(path);
  let refuse = () => {};
  const refused = new Promise<void>((resolve) => {
    refuse = resolve;
  });
  await page.route(`**${path}`, async (route) => {
    await refused;
    await route.abort("connectionrefused");
  });
  await playground.open();
  const button = playground.button("drop");
  await button.click();
  await expect(button).toHaveAttribute("aria-busy", "true");
  await expect(button).toHaveAccessibleName("Dropping…");
  refuse();
  await expect(button).toHaveAttribute("aria-busy", "false");
  await expect(button).toHaveAccessibleName("Drop link");
  await expect(page.getByTestId("fault-outcome")).toHaveText(
    "“Drop link” failed: the server does not answer. Is it still running?",
  );
});

test("everything can be operated by keyboard", async ({ page, playground }) => {
  playground.expectAbortedStreams();
  await playground.open();

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  const order = [
    ...["btn-connect", "btn-disconnect", "btn-reconnect", "btn-pause-stream"],
    ...["btn-drop", "btn-cut", "btn-stall", "btn-restart", "btn-expire", "btn-overload"],
    ...["btn-buffer", "btn-snapshot-fails", "btn-pause", "log"],
    ...["btn-frames", "btn-pause-frames", "btn-clear-frames", "frames", "btn-watch"],
  ];
  expect(await tabThrough(page, order.length)).toEqual(order);

  await playground.button("disconnect").focus();
  await page.keyboard.press("Enter");
  await expect(playground.status).toHaveText("Disconnected");
  await expect(playground.button("disconnect")).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Space");
  await expect(playground.status).toHaveText("Live");
});

/** Presses Tab and tells the test ids of what got the focus. */
async function tabThrough(page: Page, times: number): Promise<(string | null)[]> {
  const reached: (string | null)[] = [];
  for (let press = 0; press < times; press++) {
    await page.keyboard.press("Tab");
    reached.push(await page.locator(":focus").getAttribute("data-testid"));
  }
  return reached;
}
