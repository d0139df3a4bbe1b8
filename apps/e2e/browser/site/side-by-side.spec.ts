import { frontEnds } from "playground-server/front-ends";
import { expectExactness, expectSameSequence } from "../support/expect-exactness.ts";
import { createPlaygroundPage, type PlaygroundPage } from "../support/playground-page.ts";
import { type Problems, watchProblems } from "../support/problems.ts";
import { expect, test } from "../support/test.ts";

test("the front ends, open side by side, receive the same, also over a broken link and a restart", async ({
  context,
  server,
  origin,
}) => {
  const tabs: { playground: PlaygroundPage; problems: Problems }[] = [];
  for (const name of frontEnds) {
    const page = await context.newPage();
    const problems = watchProblems(page);
    const playground = createPlaygroundPage(page, problems, `${origin}/${name}/`);
    playground.expectBrokenStreams();
    // Three live pages can keep a machine so busy that one of them takes its stream for silent.
    playground.expectAbortedStreams();
    await playground.open("?trace");
    tabs.push({ playground, problems });
  }
  const playgrounds = tabs.map(({ playground }) => playground);
  const [first, ...others] = playgrounds as [PlaygroundPage, ...PlaygroundPage[]];
  await expect.poll(() => server.connections()).toBe(frontEnds.length);
  /** Until this many more were published. */
  const more = async (count: number) => {
    const from = (await server.log()).events.length;
    await expect.poll(async () => (await server.log()).events.length).toBeGreaterThan(from + count);
  };
  /** More than any of them was sent at once, so that all of these came one by one. */
  const expectSameEnd = async () => {
    const end = (await first.trace()).slice(-30);
    for (const playground of others) expect((await playground.trace()).slice(-30)).toEqual(end);
  };

  await more(60);
  await server.drop();
  for (const playground of playgrounds) {
    await expect.poll(() => playground.figure("connects")).toBeGreaterThanOrEqual(2);
    await expect(playground.status).toHaveText("Live");
  }
  await more(60);
  for (const playground of playgrounds) await expectExactness(playground, server);
  await expectSameEnd();

  // Of one page, but all of them feel it.
  await first.button("restart").click();
  for (const { gaps } of playgrounds) await expect(gaps).toHaveAttribute("data-step", "done");
  await server.setTick(20);
  await more(60);
  for (const playground of playgrounds) await expectSameSequence(playground, server);
  await expectSameEnd();
  for (const { gaps } of playgrounds) await expect(gaps).toHaveCount(1);
  for (const { problems } of tabs) expect(problems.found).toEqual([]);
});
