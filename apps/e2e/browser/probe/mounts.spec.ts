import { expect, test } from "@playwright/test";
import { createHub, type Hub } from "@x/sse-server";
import { MOUNTS, startMount } from "../support/mounts.ts";

declare const heard: { readonly opened: number; readonly received: readonly [data: string, id: string][] };

// The server for HTTP/2 has a certificate of its own making.
test.use({ ignoreHTTPSErrors: true });

for (const name of MOUNTS)
  test(`the browser's own EventSource gets every event once through ${name}, also when the server drops it`, async ({
    page,
  }) => {
    const hub: Hub = createHub({ retryMs: [50, 50], cors: { origins: "*" } });
    const mount = await startMount(name, hub);
    try {
      await page.evaluate((url) => {
        const heard = { opened: 0, received: [] as [string, string][] };
        const source = new EventSource(url);
        source.onopen = () => heard.opened++;
        source.addEventListener("news", ({ data, lastEventId }) => heard.received.push([data, lastEventId]));
        Object.assign(globalThis, { heard, source });
      }, `${mount.url}?channels=news`);
      const received = () => page.evaluate(() => heard.received);
      await expect.poll(() => hub.connectionCount).toBe(1);
      const expected: [string, string][] = [];
      for (let round = 1; round <= 3; round++) {
        const live = await hub.publish("news", round);
        expected.push([`${round}`, live.id]);
        await expect.poll(received, { intervals: [20] }).toEqual(expected);
        mount.drop();
        // Nobody has noticed yet.
        const missed = await hub.publish("news", -round);
        expected.push([`${-round}`, missed.id]);
        await expect.poll(received, { intervals: [20] }).toEqual(expected);
      }
      expect(await page.evaluate(() => heard.opened)).toBe(4);
      expect(mount.versions).toEqual(new Set([name === "node:http2" ? "2.0" : "1.1"]));
    } finally {
      await mount.close();
    }
  });
