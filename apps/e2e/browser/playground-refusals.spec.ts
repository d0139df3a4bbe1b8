import { expect, test } from "./support/test.ts";

test("an expired token is refreshed once, and the stream goes on with the new one", async ({
  page,
  playground,
  server,
}) => {
  playground.expectBrokenStreams();
  // A browser may still be busy with a refusal when the page has read all it needs of it.
  playground.expectAbortedStreams();
  playground.expectStatus("/api/sse", 401);
  const tokens: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/sse") tokens.push(request.headers()["authorization"]);
  });
  await playground.open();
  await playground.button("expire").click();
  await expect.poll(() => playground.figure("connects")).toBe(2);
  await expect(playground.status).toHaveText("Live");
  await expect(playground.gaps).toHaveCount(0);
  await expect.poll(() => server.connections()).toBe(1);

  const [first, refused, renewed] = tokens;
  expect(tokens).toHaveLength(3);
  expect(first).toMatch(/^Bearer ./);
  expect(refused).toBe(first);
  expect(renewed).toMatch(/^Bearer ./);
  expect(renewed).not.toBe(first);
});

test("an overloaded server is not asked again before it said", async ({ page, playground }) => {
  playground.expectBrokenStreams();
  // A browser may still be busy with a refusal when the page has read all it needs of it.
  playground.expectAbortedStreams();
  playground.expectStatus("/api/sse", 503);
  const answers: { status: number; at: number }[] = [];
  page.on("response", (response) => {
    if (new URL(response.url()).pathname === "/api/sse") answers.push({ status: response.status(), at: Date.now() });
  });
  await playground.open();
  await playground.button("overload").click();
  await expect(page.getByTestId("cause")).toContainText("503");
  await expect(page.getByTestId("next-retry")).toHaveText(/^in \d\.\d s$/);
  await expect(playground.button("connect")).toHaveAttribute("aria-disabled", "true");

  await expect(playground.status).toHaveText("Live");
  await expect.poll(() => answers.map(({ status }) => status)).toEqual([200, 503, 200]);
  const [, refused, open] = answers;
  // Retry-After is in whole seconds, and what is left of the four was at least three.
  expect((open?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThan(2_900);
  await expect(playground.gaps).toHaveCount(0);
});
