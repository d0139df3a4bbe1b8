import { expectedMessages } from "./support/expected-messages.ts";
import { expect, test } from "./support/test.ts";

const symbols = ["ACME", "BOLT", "CRUX", "DYNE", "ECHO", "FLUX", "GRID", "HALO", "IRIS", "JUNO"];

test("a snapshot heals what a restart has lost, and live events go on after it", async ({
  page,
  playground,
  server,
}) => {
  playground.expectBrokenStreams();
  // Slowly: what is looked at is to stay in the message log for as long as the test takes.
  await server.setTick(200);
  await playground.open("?trace");
  await playground.button("restart").click();
  await expect(playground.gaps).toHaveCount(1);
  await expect(playground.gaps).toHaveAttribute("data-step", "done");
  await expect(playground.gaps).toHaveAttribute("data-reason", "epoch");
  await expect(playground.gaps).toContainText("Healed by snapshot");
  await expect(playground.oldRows).toHaveCount(0);
  await expect(page.getByTestId("resume")).toHaveText("Gap: server restarted, healed");
  await expect(page.getByTestId("log-item").filter({ hasText: "snapshot" }).first()).toBeAttached();

  await server.setTick(null);
  const { epoch, events } = await server.log();
  await expect(playground.lastEventId).toHaveText(events.at(-1)?.id ?? "");
  const trace = (await playground.trace()).filter(({ id }) => id.startsWith(`${epoch}.`));
  for (const [name, keyCount] of [
    ["ticker", 10],
    ["services", 6],
  ] as const) {
    const received = trace.filter(({ channel }) => channel === name);
    expect(new Set(received.slice(0, keyCount).map(({ id }) => id)).size).toBe(1);
    expect(received).toEqual(expectedMessages(events, name, received.slice(0, keyCount)));
  }
  await expect.poll(() => playground.figure("gaps")).toBe(1);
  await expect(playground.gaps).toHaveCount(1);
});

test("without a snapshot old lines are marked until they are traded, or until it can be loaded", async ({
  page,
  playground,
  server,
}) => {
  playground.expectBrokenStreams();
  for (const name of ["ticker", "services"]) playground.expectStatus(`/api/snapshot/${name}`, 500);
  await playground.open();
  await server.setTick(null);
  await playground.button("snapshot-fails").click();
  await playground.button("restart").click();
  await expect(playground.gaps).toHaveAttribute("data-step", "failed");
  await expect(playground.gaps).toContainText("the server answered 500");
  await expect(playground.oldRows).toHaveCount(symbols.length);
  await expect(page.getByText("May be old", { exact: true })).toHaveCount(2);

  await server.setTick(100);
  await expect.poll(() => playground.oldRows.count()).toBeLessThan(symbols.length);
  await server.setTick(null);
  await playground.button("snapshot-fails").click();
  await expect(playground.button("snapshot-fails")).toHaveAttribute("aria-pressed", "false");
  await page.getByTestId("gap-retry").click();
  await expect(playground.gaps).toHaveAttribute("data-step", "done");
  await expect(playground.oldRows).toHaveCount(0);
  await expect(page.getByText("May be old", { exact: true })).toHaveCount(0);
});

test("a first picture that cannot be loaded is told, and comes when it can", async ({ page, playground, server }) => {
  playground.expectStatus("/api/snapshot/ticker", 500);
  await server.setTick(null);
  await server.setSwitches({ snapshotFails: true });
  await page.goto("./");
  await expect(playground.gaps).toHaveAttribute("data-step", "failed");
  await expect(page.getByTestId("ticker-message")).toContainText("No prices");
  await expect(playground.status).toHaveText("Live");

  await server.setSwitches({ snapshotFails: false });
  await page.getByTestId("gap-retry").click();
  for (const symbol of symbols) await expect(playground.price(symbol)).toBeVisible();
  await expect(playground.gaps).toHaveCount(0);
});

test("skeletons stand in while the first picture is loaded, and move nothing when it comes", async ({
  page,
  playground,
}) => {
  let letThrough = () => {};
  const held = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route("**/api/snapshot/ticker", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("./");
  await expect(playground.status).toHaveText("Live");
  await expect(page.getByTestId("ticker-skeleton")).toHaveCount(symbols.length);
  const box = () => page.locator("table.ticker").boundingBox();
  const before = await box();
  letThrough();
  await expect(playground.price("JUNO")).toBeVisible();
  expect(await box()).toEqual(before);
});
