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

test("nothing scrolls sideways at 320 pixels where the server is shown", async ({ page, playground }) => {
  // A smooth scroll could take a button away beneath the mouse.
  await page.emulateMedia({ reducedMotion: "reduce" });
  playground.expectAbortedStreams();
  await page.setViewportSize({ width: 320, height: 640 });
  await playground.open();
  expect(await overflow(page)).toBe(0);
  await playground.showServer();
  await playground.button("start-failing-job").press("Enter");
  await expect(playground.jobState(1)).toHaveText("Failed");
  expect(await overflow(page)).toBe(0);
  await playground.button("disconnect").click();
  await expect(page.getByText("May be old", { exact: true })).toHaveCount(4);
  expect(await overflow(page)).toBe(0);
});

for (const width of [320, 1280])
  test(`figures and tasks of the server move nothing at ${width} pixels`, async ({ page, playground }) => {
    // A smooth scroll could take a button away beneath the mouse.
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 900 });
    await playground.open();
    await playground.button("server").click();
    const boxes = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("#server :is(h2, h3, button, dt, dd, a)")].map((element) => {
          const { x, y, height } = element.getBoundingClientRect();
          return [element.textContent?.slice(0, 8), x, y + scrollY, height];
        }),
      );
    const places = async () => (await boxes()).map(([, ...place]) => place.join(" "));
    const before = await places();
    await expect(playground.serverFigure("uptime")).toHaveText(/\d/);
    expect(await places()).toEqual(before);
    await playground.button("start-failing-job").press("Enter");
    await expect(playground.jobState(1)).toHaveText("Failed");
    expect(await places()).toEqual(before);
    await playground.button("start-job").press("Enter");
    await expect(playground.jobState(2)).toHaveText("Running");
    expect(await places()).toEqual(before);
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
  await playground.showServer();
  await playground.button("start-job").press("Enter");
  await expect(playground.jobState(1)).toHaveText("Running");
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
