import { overflow } from "./support/overflow.ts";
import { expect, test } from "./support/test.ts";

test("nothing scrolls sideways at 320 pixels", async ({ page, playground }) => {
  playground.expectBrokenStreams();
  await page.setViewportSize({ width: 320, height: 640 });
  await playground.open();
  expect(await overflow(page)).toBe(0);
  await playground.button("restart").click();
  await expect(playground.gaps).toHaveCount(1);
  expect(await overflow(page)).toBe(0);
});

test("updates move nothing on the page", async ({ page, playground, server }) => {
  await playground.open();
  await server.setTick(10);
  const boxes = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("h2, h3, tr, th, td, li[data-testid^=service]")].map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [element.tagName, x, y, width, height].join(" ");
      }),
    );
  const before = await boxes();
  const messages = await playground.figure("messages");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(messages + 200);
  expect(await boxes()).toEqual(before);
});

test("reduced motion stops what moves", async ({ page, playground }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await playground.open();
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(60);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
