import { expectExactness } from "./support/expect-exactness.ts";
import { expect, test } from "./support/test.ts";

test("the first page leads here, and this page back to it", async ({ page, playground, server, frontEnd, origin }) => {
  playground.expectAbortedStreams();
  await page.goto("/");
  await page.getByRole("link", { name: new RegExp(`^${frontEnd}`, "i") }).click();
  await expect(page).toHaveURL(`${origin}/${frontEnd}/`);
  await expect(page).toHaveTitle(new RegExp(`· ${frontEnd}$`, "i"));
  await expect(playground.status).toHaveText("Live");
  await expect(playground.price("ACME")).toBeVisible();

  await page.getByRole("link", { name: "All playgrounds" }).press("Enter");
  await expect(page).toHaveURL(`${origin}/`);
  await expect.poll(() => server.connections()).toBe(0);
});

test("a page that is left and comes back from the cache goes on without loss", async ({
  realPage: page,
  realPlayground: playground,
  server,
}) => {
  playground.expectAbortedStreams();
  await playground.open("?trace");
  await page.getByRole("link", { name: "All playgrounds" }).press("Enter");
  await expect(page).toHaveTitle("Live playground");
  await expect.poll(() => server.connections()).toBe(0);
  const missedFrom = (await server.log()).events.length;
  await expect.poll(async () => (await server.log()).events.length).toBeGreaterThan(missedFrom + 30);

  await page.evaluate(() => history.back());
  await expect(playground.status).toHaveText("Live");
  await expect.poll(() => server.connections()).toBe(1);
  await expect(page.getByTestId("resume")).toHaveAttribute("data-value", "replayed");
  // A page that was loaded anew would have made one stream, not gone on with another.
  await expect.poll(() => playground.figure("connects")).toBe(2);
  await expectExactness(playground, server);
});

test("the page asks for nothing but its own files, a token, its first picture and one stream", async ({
  page,
  playground,
  frontEnd,
  origin,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${request.url().replace(origin, "")}`));
  await playground.open();
  await expect.poll(() => playground.figure("messages")).toBeGreaterThan(60);

  const file = new RegExp(`^GET /${frontEnd}/(icon\\.svg|assets/[\\w-]+\\.(js|css))$`);
  const others = asked.filter((each) => !file.test(each)).map((each) => each.replace(/\?.*/, ""));
  expect(others.sort()).toEqual([
    "GET /api/faults/switches",
    "GET /api/snapshot/ticker",
    "GET /api/sse",
    `GET /${frontEnd}/`,
    "POST /api/token",
  ]);
  const files = asked.filter((each) => file.test(each));
  expect(new Set(files).size).toBe(files.length);
});
