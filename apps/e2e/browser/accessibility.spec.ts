import { violations } from "./support/accessibility.ts";
import { expect, test } from "./support/test.ts";

for (const colorScheme of ["light", "dark"] as const) {
  test(`no accessibility rule is broken in ${colorScheme} colours, whatever the state`, async ({
    page,
    playground,
    server,
  }) => {
    playground.expectAbortedStreams();
    playground.expectBrokenStreams();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await server.setTick(200);
    await playground.open();
    expect(await violations(page)).toEqual([]);

    await playground.button("restart").click();
    await expect(playground.gaps).toHaveCount(1);
    expect(await violations(page)).toEqual([]);

    await playground.button("disconnect").click();
    await expect(playground.status).toHaveText("Disconnected");
    expect(await violations(page)).toEqual([]);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`no accessibility rule is broken in ${colorScheme} colours where the server is shown`, async ({
    page,
    playground,
  }) => {
    playground.expectAbortedStreams();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await playground.open();
    expect(await violations(page)).toEqual([]);
    await playground.showServer();
    expect(await violations(page)).toEqual([]);

    await playground.button("start-failing-job").press("Enter");
    await playground.button("start-job").press("Enter");
    await playground.button("start-job").press("Enter");
    await expect(playground.jobState(3)).toHaveText("Running");
    await playground.button("cancel-job").press("Enter");
    await expect(playground.jobState(3)).toHaveText("Cancelled");
    await expect(playground.jobState(1)).toHaveText("Failed");
    await expect(playground.jobState(2)).toHaveText("Done");
    await playground.button("start-job").press("Enter");
    await expect(playground.jobState(4)).toHaveText("Running");
    await playground.button("disconnect").click();
    await expect(playground.status).toHaveText("Disconnected");
    expect(await violations(page)).toEqual([]);
  });
}

test("only what concerns the connection is announced", async ({ page, playground }) => {
  await playground.open();
  const silent = "[aria-live=off]";
  const live = page.locator(
    ["[aria-live]", "[role=status]", "[role=alert]", "[role=log]"].map((each) => `${each}:not(${silent})`).join(),
  );
  await expect(live).toHaveCount(3);
  await expect(page.locator("table, [data-testid=log]").and(live)).toHaveCount(0);
  await expect(page.getByTestId("frames").and(page.locator(silent))).toBeVisible();
  await expect(playground.status).toHaveRole("status");
});
