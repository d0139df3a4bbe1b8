import { expect, test } from "./support/test.ts";

const symbols = ["ACME", "BOLT", "CRUX", "DYNE", "ECHO", "FLUX", "GRID", "HALO", "IRIS", "JUNO"];
const services = ["orders", "pricing", "clearing", "accounts", "reports", "login"];

test("the ticker shows the snapshot and then updates", async ({ playground, server }) => {
  await server.setTick(null);
  await playground.open();
  for (const symbol of symbols) await expect(playground.price(symbol)).toHaveText(/^\d+\.\d\d$/);
  const snapshot = await Promise.all(symbols.map((symbol) => playground.price(symbol).textContent()));

  await server.setTick(20);
  await expect
    .poll(async () => {
      const now = await Promise.all(symbols.map((symbol) => playground.price(symbol).textContent()));
      return now.filter((text, index) => text !== snapshot[index]).length;
    })
    .toBeGreaterThan(symbols.length / 2);
});

test("the prices on the page are the newest that were published", async ({ playground, server }) => {
  await playground.open();
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(50);
  await server.setTick(null);
  const { events } = await server.log();
  await expect(playground.lastEventId).toHaveText(events.at(-1)?.id ?? "");
  for (const symbol of symbols) {
    const newest = events.findLast(({ channel, data }) => channel === "ticker" && data["symbol"] === symbol);
    await expect(playground.price(symbol)).toHaveText(Number(newest?.data["price"]).toFixed(2));
  }
});

test("the board shows the state of every service and how it changes", async ({ playground, server }) => {
  await playground.open();
  await server.setTick(10);
  for (const name of services) await expect(playground.service(name)).toHaveText(/Operational|Degraded|Down/);
  await expect
    .poll(async () => (await server.log()).events.filter(({ channel }) => channel === "services").length)
    .toBeGreaterThan(services.length + 3);
  await server.setTick(null);
  const { events } = await server.log();
  for (const name of services) {
    const newest = events.findLast(({ channel, data }) => channel === "services" && data["name"] === name);
    await expect(playground.service(name)).toHaveAttribute("data-state", String(newest?.data["state"]));
  }
});

test("the log holds the last hundred messages, newest first, and stands still while paused", async ({
  page,
  playground,
  server,
}) => {
  await playground.open();
  await server.setTick(10);
  const items = page.getByTestId("log-item");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(150);
  await expect(items).toHaveCount(100);

  await playground.button("pause").click();
  const held = await items.first().getAttribute("data-id");
  const messages = await playground.figure("messages");
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(messages + 20);
  await expect(items.first()).toHaveAttribute("data-id", held ?? "");

  await playground.button("pause").click();
  await server.setTick(null);
  const { events } = await server.log();
  await expect(items.first()).toHaveAttribute("data-id", events.at(-1)?.id ?? "");
  await expect(items).toHaveCount(100);
});
