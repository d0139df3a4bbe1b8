import { expect, test } from "../support/probe-test.ts";
import { watchProblems } from "../support/problems.ts";

declare const heard: { readonly ids: string[]; unnamed: number };

test("the browser's own EventSource gets every event once, also over a broken link", async ({ page, server }) => {
  const problems = watchProblems(page);
  problems.allowFailure("/sse", "net::ERR_INCOMPLETE_CHUNKED_ENCODING");
  await page.goto(`${server.origin}/elsewhere`);
  await page.evaluate(() => {
    const source = new EventSource("/sse");
    const ids: string[] = [];
    const heard = { ids, unnamed: 0 };
    source.addEventListener("tick", ({ lastEventId }) => ids.push(lastEventId));
    source.addEventListener("message", () => heard.unnamed++);
    Object.assign(globalThis, { heard });
  });
  await expect.poll(server.connections).toBe(1);
  const received = () => page.evaluate(() => heard.ids);
  server.publish(50);
  await expect.poll(received).toEqual(server.log);
  const resumeFrom = server.log.at(-1);

  server.drop();
  server.publish(50);
  await expect.poll(() => server.requests.length).toBe(2);
  server.publish(50);
  await expect.poll(received).toEqual(server.log);
  expect(server.requests).toEqual([undefined, resumeFrom]);
  expect(await page.evaluate(() => heard.unnamed)).toBe(0);
  expect(problems.found).toEqual([]);
});
