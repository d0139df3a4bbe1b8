import { frontEnds } from "playground-server/front-ends";
import { expect, test } from "../support/probe-test.ts";
import { createRenderPage, rendersBetween } from "../support/render-page.ts";
import type { StreamServer } from "../support/stream-server.ts";

/** The last numbers that were published, as many as the pages show. */
const newest = ({ log }: StreamServer) =>
  Array.from({ length: 10 }, (_, index) => log.length - 10 + index).filter((n) => n >= 0);

for (const framework of frontEnds)
  test.describe(`components in ${framework}`, () => {
    test("are kept up to date in a hidden tab, without animation frames and for many events at once", async ({
      realPage,
      coverTab,
      server,
    }) => {
      const { problems, open, read, items } = createRenderPage(realPage, server, framework);
      await open();
      await coverTab();
      await expect.poll(async () => (await read()).visibility).toBe("hidden");
      const before = await read();
      const stop = server.publishEvery(20);
      await expect
        .poll(async () => (await read()).renders["list"], { intervals: [100] })
        .toBeGreaterThanOrEqual((before.renders["list"] ?? 0) + 2);
      stop();
      await expect.poll(items).toEqual(newest(server));

      const after = await read();
      expect(after.visibility).toBe("hidden");
      expect(after.frames).toBe(before.frames);
      expect(after.messages).toBe(server.log.length);
      const { quiet, list = Number.NaN } = rendersBetween(before, after);
      expect(list).toBeLessThan(server.log.length / 5);
      expect(quiet).toBe(0);
      expect(server.requests).toHaveLength(1);
      expect(problems.found).toEqual([]);
    });

    test("come back from the cache with their page, and show what they missed", async ({ realPage: page, server }) => {
      const { problems, open, read, status, items } = createRenderPage(page, server, framework);
      problems.allowFailure("/sse", "net::ERR_ABORTED");
      await open();
      server.publish(10);
      await expect.poll(items).toEqual(newest(server));
      const { renders } = await read();
      const resumeFrom = server.log.at(-1);
      await page.evaluate(() => {
        location.href = "/elsewhere";
      });
      await expect(page).toHaveTitle("Elsewhere");
      await expect.poll(server.connections).toBe(0);
      server.publish(20);

      await page.evaluate(() => history.back());
      await expect(page).toHaveTitle(framework);
      await expect.poll(status).toBe("open");
      await expect.poll(items).toEqual(newest(server));
      server.publish(5);
      await expect.poll(items).toEqual(newest(server));
      const after = await read();
      expect(after.messages).toBe(35);
      // The same page as before, not one that was loaded again.
      expect(after.renders["list"]).toBeGreaterThan(renders["list"] ?? 0);
      expect(after.renders["quiet"]).toBe(renders["quiet"]);
      expect(server.requests).toEqual([undefined, resumeFrom]);
      expect(problems.found).toEqual([]);
    });

    test("that come and go share one stream; once all are gone it ends, and new ones go on where it stopped", async ({
      page,
      server,
    }) => {
      const { problems, open, read, status, items, hide, show } = createRenderPage(page, server, framework);
      problems.allowFailure("/sse", "net::ERR_ABORTED");
      await open();
      for (let round = 0; round < 20; round++) {
        await hide();
        await show();
      }
      server.publish(30);
      await expect.poll(items).toEqual(newest(server));
      expect(server.requests).toHaveLength(1);

      await hide();
      await expect.poll(server.connections).toBe(0);
      expect(await status()).toBe("idle");
      const gone = await read();
      const resumeFrom = server.log.at(-1);
      server.publish(30);
      expect((await read()).renders).toEqual(gone.renders);

      await show();
      await expect.poll(items).toEqual(newest(server));
      expect((await read()).messages).toBe(60);
      expect(server.requests).toEqual([undefined, resumeFrom]);
      expect(problems.found).toEqual([]);
    });
  });
