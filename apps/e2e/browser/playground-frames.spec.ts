import { expect, test } from "./support/test.ts";

test("raw frames show requests, answers, events and heartbeats, but no token", async ({ page, playground, server }) => {
  const secrets: string[] = [];
  page.on("request", (request) => secrets.push(request.headers()["authorization"]?.replace("Bearer ", "") ?? ""));
  await playground.open();
  const { frames } = playground;
  await expect(frames.first()).toContainText(/→ GET \/api\/sse\?channels=/);
  await expect(frames.first()).toContainText("authorization");
  await expect(frames.nth(1)).toContainText("← 200 text/event-stream");
  await expect(frames.filter({ hasText: "sse.hello" })).toContainText('"conn":"…"');
  await expect(frames.filter({ hasText: "event: quote" }).first()).toContainText('"symbol"');

  // Nothing else to say: so the server proves that it is there.
  await server.setTick(null);
  await expect(frames.filter({ hasText: ": (heartbeat)" }).first()).toContainText("id: ");
  const tokens = secrets.filter(Boolean);
  expect(tokens.length).toBeGreaterThan(0);
  const shown = await page.locator("body").textContent();
  for (const token of tokens) expect(shown).not.toContain(token);
});

test("raw frames can be paused, cleared and closed", async ({ playground, server }) => {
  await playground.open();
  const { frames } = playground;
  await expect.poll(() => frames.count()).toBeGreaterThan(20);
  await playground.button("pause-frames").click();
  const held = await frames.count();
  const messages = await playground.figure("messages");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(messages + 20);
  await expect(frames).toHaveCount(held);
  await server.setTick(null);
  await playground.button("clear-frames").click();
  await expect(frames).toHaveCount(0);
  await server.setTick(50);
  await playground.button("pause-frames").click();
  await expect.poll(() => frames.count()).toBeGreaterThan(0);

  await playground.button("frames").click();
  await expect(playground.button("frames")).toHaveAttribute("aria-expanded", "false");
  await expect(frames).toHaveCount(0);
});

test("raw frames are bounded, and follow what comes only while they are at their end", async ({
  page,
  playground,
  server,
}) => {
  await playground.open();
  await server.setTick(10);
  await expect(playground.frames).toHaveCount(300);
  // Slowly from now on: what is looked at is to stay in the log for as long as the test takes.
  await server.setTick(200);
  const list = page.getByTestId("frames");
  /** How far the newest line is below the end of what is seen. */
  const distance = () =>
    list.evaluate(
      (element) =>
        (element.querySelector(".frame:last-child")?.getBoundingClientRect().bottom ?? 0) -
        element.getBoundingClientRect().bottom,
    );
  await expect.poll(distance).toBeLessThan(5);
  await list.hover();
  await page.mouse.wheel(0, -2_000);
  await expect.poll(distance).toBeGreaterThan(500);
  const top = () =>
    list.evaluate((element) => {
      const { left, top } = element.getBoundingClientRect();
      return document.elementFromPoint(left + 200, top + 40)?.closest(".frame")?.textContent;
    });
  // A wheel scrolls for a while.
  let seen: string | null | undefined;
  await expect
    .poll(async () => {
      const last = seen;
      seen = await top();
      return seen === last;
    })
    .toBe(true);
  const messages = await playground.figure("messages");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(messages + 10);
  expect(await distance()).toBeGreaterThan(500);
  expect(await top()).toBe(seen);

  // What comes during a scroll can end it early: so in silence, and more than once, since that takes a moment.
  await server.setTick(null);
  await expect(async () => {
    await page.mouse.wheel(0, 1_000_000);
    await expect.poll(() => list.evaluate(({ scrollTop }) => Math.abs(scrollTop)), { timeout: 1_000 }).toBe(0);
  }).toPass();
  expect(await distance()).toBeLessThan(5);
  await server.setTick(50);
  const then = await playground.figure("messages");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(then + 10);
  await expect.poll(distance).toBeLessThan(5);
});

test("raw frames are closed at first where there is little room", async ({ page, playground }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await playground.open();
  await expect(playground.button("frames")).toHaveAttribute("aria-expanded", "false");
  await expect(page.getByTestId("frames")).toHaveCount(0);
});
