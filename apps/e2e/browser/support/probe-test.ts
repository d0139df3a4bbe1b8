import { expect, type Page } from "@playwright/test";
import type { HubOptions } from "@x/sse-server";
import { bundlePages, type PageBundles } from "./page-bundles.ts";
import { createProbe, type Probe } from "./probe.ts";
import { type StreamServer, startStreamServer } from "./stream-server.ts";
import { test as base } from "./tabs-test.ts";

interface Fixtures {
  hubOptions: HubOptions;
  server: StreamServer;
  /** A page; a test fails when it logs an error or a warning, throws, or has a request fail. */
  probe: Probe;
  /** The same in `realPage`. */
  realProbe: Probe;
  /** A tab in front of `realPage`, which is hidden from then on. */
  coverTab: () => Promise<Page>;
}

interface WorkerFixtures {
  bundles: PageBundles;
}

/** Leaving a page gives up its stream, which is a failed request to whoever watches the network. */
const ABORTED = "net::ERR_ABORTED";

async function withProbe(page: Page, server: StreamServer, use: (probe: Probe) => Promise<void>) {
  const probe = createProbe(page, server);
  probe.problems.allowFailure("/sse", ABORTED);
  await use(probe);
  expect(probe.problems.found).toEqual([]);
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads there what a fixture needs
  bundles: [({}, use) => bundlePages().then(use), { scope: "worker" }],
  hubOptions: [{}, { option: true }],
  async server({ bundles, hubOptions }, use) {
    const server = await startStreamServer(bundles, hubOptions);
    await use(server);
    await server.close();
  },
  probe: ({ page, server }, use) => withProbe(page, server, use),
  realProbe: ({ realPage, server }, use) => withProbe(realPage, server, use),
  async coverTab({ realTabs }, use) {
    const opened: Page[] = [];
    await use(async () => {
      const page = await realTabs.open();
      opened.push(page);
      return page;
    });
    for (const page of opened) await page.close();
  },
});

export { expect };
