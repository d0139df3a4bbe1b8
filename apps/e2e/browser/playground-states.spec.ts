import { violations } from "./support/accessibility.ts";
import { overflow } from "./support/overflow.ts";
import type { PlaygroundPage } from "./support/playground-page.ts";
import { expect, test } from "./support/test.ts";

function expectTrouble(playground: PlaygroundPage) {
  playground.expectBrokenStreams();
  playground.expectAbortedStreams();
  for (const name of ["ticker", "services"]) playground.expectStatus(`/api/snapshot/${name}`, 500);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`no accessibility rule is broken in ${colorScheme} colours in any trouble`, async ({
    page,
    playground,
    server,
  }) => {
    expectTrouble(playground);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await server.setTick(200);
    await playground.open();
    await playground.button("watch").click();
    await playground.button("stall").click();
    await expect(playground.status).toHaveText("Silent");
    expect(await violations(page)).toEqual([]);
    await expect(playground.status).toHaveText("Live");

    await server.setTick(null);
    await playground.button("watch").click();
    await playground.button("snapshot-fails").click();
    await playground.button("restart").click();
    await expect(playground.oldRows).toHaveCount(10);
    expect(await violations(page)).toEqual([]);

    await playground.button("pause-stream").click();
    await expect(playground.status).toHaveText("Paused");
    expect(await violations(page)).toEqual([]);
  });
}

test("nothing scrolls sideways at 320 pixels in any trouble", async ({ page, playground, server }) => {
  expectTrouble(playground);
  await page.setViewportSize({ width: 320, height: 640 });
  await playground.open();
  await playground.showFrames();
  await expect.poll(() => playground.frames.count()).toBeGreaterThan(20);
  expect(await overflow(page)).toBe(0);
  await server.setSwitches({ snapshotFails: true });
  await playground.button("restart").click();
  await expect(playground.gaps).toHaveAttribute("data-step", "failed");
  expect(await overflow(page)).toBe(0);
  await playground.button("stall").click();
  await expect(playground.status).toHaveText("Silent");
  expect(await overflow(page)).toBe(0);
  await playground.button("pause-stream").click();
  await expect(playground.status).toHaveText("Paused");
  expect(await overflow(page)).toBe(0);
});

for (const width of [320, 1280])
  test(`states and their words move nothing at ${width} pixels`, async ({ page, playground, server }) => {
    expectTrouble(playground);
    await page.setViewportSize({ width, height: 900 });
    await playground.open();
    await server.setTick(100);
    const boxes = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("h2, h3, button, .facts dt, .figures dt, table.ticker tr")].map((element) => {
          const { x, y, height } = element.getBoundingClientRect();
          return [element.textContent?.slice(0, 8), x, y + scrollY, height].join(" ");
        }),
      );
    await playground.button("pause-stream").click();
    await expect(playground.status).toHaveText("Paused");
    const paused = await boxes();
    await playground.button("pause-stream").click();
    await expect(playground.status).toHaveText("Live");
    const live = await boxes();
    expect(paused.map((box) => box.replace(/^\S+/, ""))).toEqual(live.map((box) => box.replace(/^\S+/, "")));
    await playground.button("stall").click();
    await expect(playground.status).toHaveText("Silent");
    expect(await boxes()).toEqual(live);
  });
