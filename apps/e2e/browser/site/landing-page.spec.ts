import { frontEnds } from "playground-server/front-ends";
import { violations } from "../support/accessibility.ts";
import { overflow } from "../support/overflow.ts";
import { watchProblems } from "../support/problems.ts";
import { expect, test } from "../support/test.ts";

for (const colorScheme of ["light", "dark"] as const)
  test(`the first page breaks no accessibility rule in ${colorScheme} colours`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/");
    expect(await violations(page)).toEqual([]);
  });

test("the first page is operated by keyboard, and each of its links leads somewhere", async ({
  page,
  request,
  origin,
}) => {
  const problems = watchProblems(page);
  await page.goto("/");
  const reached: string[] = [];
  const focus = page.locator(":focus-visible");
  for (let press = 0; press <= frontEnds.length; press++) {
    await page.keyboard.press("Tab");
    await expect(focus).not.toHaveCSS("outline-style", "none");
    reached.push((await focus.getAttribute("href")) ?? "");
  }
  expect(reached).toEqual([...frontEnds.map((name) => `/${name}/`), "/api/stats"]);
  await expect(page.getByRole("link")).toHaveCount(reached.length);
  for (const href of reached) expect((await request.get(href)).status(), href).toBe(200);

  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${origin}/api/stats`);
  expect(JSON.parse((await page.locator("body").textContent()) ?? "")).toMatchObject({ connections: 0 });
  expect(problems.found).toEqual([]);
});

test("the first page does not scroll sideways at 320 pixels", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto("/");
  expect(await overflow(page)).toBe(0);
});
