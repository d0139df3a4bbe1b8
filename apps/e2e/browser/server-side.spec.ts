import { createPlaygroundPage } from "./support/playground-page.ts";
import { watchProblems } from "./support/problems.ts";
import { expect, test } from "./support/test.ts";

// By keyboard, and without smooth scrolling: the page moves along with what comes in above, and a button with it, so that
// once in a while a click would fall beside it.
test.use({ contextOptions: { reducedMotion: "reduce" } });

test("the server's figures come when they are asked for, on the stream that is open", async ({ page, playground }) => {
  await playground.open();
  await expect(page.getByTestId("server-off")).toBeVisible();
  await expect(page.getByTestId("channel-server")).toHaveAttribute("data-subscribed", "false");
  await playground.showServer();
  await expect(page.getByTestId("channel-server")).toHaveAttribute("data-subscribed", "true");
  await expect(playground.serverFigure("you")).toHaveText(/^Guest [1-9]\d\d$/);
  await expect(playground.serverFigure("streams")).toHaveText("1");
  await expect(playground.serverFigure("users")).toHaveText("1");
  await expect(playground.serverFigure("rss")).toHaveText(/^\d+\.\d MB$/);
  const published = await playground.serverFigure("published").textContent();
  await expect(playground.serverFigure("published")).not.toHaveText(published ?? "");
  for (const [name, type] of [
    ["Metrics for Prometheus", "text/plain"],
    ["All figures as JSON", "application/json"],
  ] as const) {
    const href = (await page.getByRole("link", { name }).getAttribute("href")) ?? "";
    const answer = await page.request.get(href);
    expect([answer.status(), answer.headers()["content-type"]?.split(";")[0]]).toEqual([200, type]);
  }
  expect(await playground.figure("connects")).toBe(1);

  await playground.button("server").press("Enter");
  await expect(page.getByTestId("server-off")).toBeVisible();
  await expect(page.getByTestId("channel-server")).toHaveAttribute("data-subscribed", "false");
});

test("each tab is a user of its own, who stays the same when it is loaded again", async ({
  page,
  playground,
  context,
  baseURL,
}) => {
  playground.expectAbortedStreams();
  await playground.open("#server");
  const name = (await playground.serverFigure("you").textContent()) ?? "";
  const other = await context.newPage();
  const problems = watchProblems(other);
  const otherPlayground = createPlaygroundPage(other, problems, baseURL ?? "");
  await otherPlayground.open("#server");
  await expect(playground.serverFigure("users")).toHaveText("2");
  expect(await otherPlayground.guest()).not.toBe(await playground.guest());

  await playground.button("start-job").press("Enter");
  await expect(playground.jobState(1)).toHaveText("Done");
  await expect(otherPlayground.job(1)).toHaveCount(0);
  await expect(other.getByText("No task yet.")).toBeVisible();
  expect(problems.found).toEqual([]);
  await other.close();

  await page.reload();
  await expect(playground.serverFigure("you")).toHaveText(name);
  await expect(playground.serverFigure("users")).toHaveText("1");
});

test("the link to the server shows it", async ({ page, playground }) => {
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await playground.open();
  await page.getByRole("link", { name: "Server", exact: true }).click();
  await expect(playground.button("server")).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("heading", { name: "Server side" })).toBeInViewport();
  await expect(playground.button("start-job")).toBeInViewport();
});

test("a task runs to its end, and its bar moves", async ({ playground }) => {
  await playground.open();
  await playground.showServer();
  const bar = playground.job(1).getByRole("progressbar", { name: "Task 1" });
  await expect(playground.button("cancel-job")).toHaveAttribute("aria-disabled", "true");
  await playground.button("start-job").press("Enter");
  await expect(playground.jobState(1)).toHaveText("Running");
  await expect(playground.button("cancel-job")).toHaveAttribute("aria-disabled", "false");
  const seen = new Set<number>();
  await expect
    .poll(
      async () => {
        seen.add(await bar.evaluate((element: HTMLProgressElement) => element.value));
        return seen.size;
      },
      { intervals: [50] },
    )
    .toBeGreaterThan(3);
  await expect(playground.jobState(1)).toHaveText("Done");
  await expect(bar).toHaveJSProperty("value", 100);
  await expect(bar).toHaveAttribute("aria-valuetext", "100%, Done");
  await expect(playground.job(1).getByTestId("job-text")).toHaveText(/^20 steps in \d+\.\d s$/);
  expect([...seen].sort((a, b) => a - b)).toEqual([...seen]);
});

test("a task that fails says why, and one that is cancelled stops", async ({ page, playground, server }) => {
  await playground.open();
  await playground.showServer();
  await playground.button("start-failing-job").press("Enter");
  await expect(page.getByTestId("job-outcome")).toHaveText("Task 1 was started.");
  await expect(playground.jobState(1)).toHaveText("Failed");
  await expect(playground.job(1)).toContainText("The charts could not be drawn: this task was told to fail.");

  await playground.button("start-job").press("Enter");
  await expect(playground.jobState(2)).toHaveText("Running");
  await playground.button("cancel-job").press("Enter");
  await expect(page.getByTestId("job-outcome")).toHaveText("Task 2 was cancelled.");
  await expect(playground.jobState(2)).toHaveText("Cancelled");
  await expect(playground.job(2)).toContainText(/Stopped while (collecting|adding|drawing|writing) /);
  await expect(playground.button("cancel-job")).toHaveAttribute("aria-disabled", "true");
  const [, cancelled] = await server.jobs(await playground.guest());
  expect(cancelled).toMatchObject({ status: "failed" });
  expect(
    await page.getByTestId(/^job-\d+$/).evaluateAll((items) => items.map((item) => item.dataset["testid"])),
  ).toEqual(["job-2", "job-1"]);
});

test("a task goes on while the link is down and while the page is loaded again, and is right afterwards", async ({
  page,
  playground,
  server,
}) => {
  playground.expectBrokenStreams();
  playground.expectAbortedStreams();
  await playground.open("#server");
  const guest = await playground.guest();
  await playground.button("start-job").press("Enter");
  await playground.button("disconnect").press("Enter");
  await expect(playground.status).toHaveText("Disconnected");
  await expect.poll(async () => (await server.jobs(guest))[0]?.status).toBe("completed");
  await playground.button("connect").press("Enter");
  await expect(playground.jobState(1)).toHaveText("Done");

  await playground.button("start-job").press("Enter");
  await expect(playground.jobState(2)).toHaveText("Running");
  await playground.button("drop").press("Enter");
  await expect(playground.jobState(2)).toHaveText("Done");

  await playground.button("start-job").press("Enter");
  await expect(playground.jobState(3)).toHaveText("Running");
  await page.reload();
  await expect(playground.jobState(1)).toHaveText("Done");
  await expect(playground.jobState(2)).toHaveText("Done");
  await expect(playground.jobState(3)).toHaveText("Done");
  await expect(playground.gaps).toHaveCount(0);
});

test("tasks that were known before are there when the server is shown later", async ({ page, playground }) => {
  playground.expectAbortedStreams();
  await playground.open();
  await playground.showServer();
  await playground.button("start-failing-job").press("Enter");
  await expect(playground.jobState(1)).toHaveText("Failed");
  await page.reload();
  await expect(playground.status).toHaveText("Live");
  await playground.showServer();
  await expect(playground.jobState(1)).toHaveText("Failed");
});

test("a restarted server says that it did not finish a task", async ({ page, playground }) => {
  playground.expectBrokenStreams();
  await playground.open();
  await playground.showServer();
  await playground.button("start-job").press("Enter");
  await expect(playground.jobState(1)).toHaveText("Running");
  await playground.button("restart").press("Enter");
  await expect(playground.jobState(1)).toHaveText("Failed");
  await expect(playground.job(1)).toContainText("The server restarted before the task was done.");
  await expect(playground.gaps).toHaveAttribute("data-step", "done");
  await expect(playground.gaps).toContainText("server");
  await expect(page.getByTestId("resume")).toHaveText("Gap: server restarted, healed");
});

test("a task that cannot be started says why", async ({ page, playground }) => {
  const path = "/api/jobs";
  playground.expectRefused(path);
  playground.expectStatus(path, 429);
  await playground.open();
  await playground.showServer();
  await page.route(`**${path}?*`, (route) => route.abort("connectionrefused"));
  await playground.button("start-job").press("Enter");
  const outcome = page.getByTestId("job-outcome");
  await expect(outcome).toHaveText("Nothing was started: the server does not answer. Is it still running?");
  await expect(outcome).toHaveAttribute("data-tone", "bad");
  await page.unroute(`**${path}?*`);

  // All at once, as they must not end before the last.
  const url = `${path}?user=${await playground.guest()}`;
  await Promise.all([1, 2, 3].map(() => page.request.post(url, { data: {} })));
  await playground.button("start-job").press("Enter");
  await expect(outcome).toHaveText(
    "Nothing was started: three tasks of yours are running. Wait for one of them, or cancel it.",
  );
});

test("the server and its tasks can be operated by keyboard", async ({ page, playground }) => {
  await playground.open();
  await playground.button("watch").focus();
  await page.keyboard.press("Tab");
  await expect(playground.button("server")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(playground.serverFigure("uptime")).toHaveText(/\d/);
  const focus = page.locator(":focus-visible");
  for (const name of ["Metrics for Prometheus", "All figures as JSON", "Start", "Start one that fails", "Cancel"]) {
    await page.keyboard.press("Tab");
    await expect(focus).toHaveAccessibleName(name);
    await expect(focus).not.toHaveCSS("outline-style", "none");
  }
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(playground.jobState(1)).toHaveText("Running");
  await expect(playground.button("start-job")).toBeFocused();
});
