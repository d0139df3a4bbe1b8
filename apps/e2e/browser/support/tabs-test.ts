import { test as base, type Page } from "@playwright/test";
import { type RealTabs, startRealTabs } from "./real-tabs.ts";

interface Fixtures {
  /** A tab that can be hidden, frozen and left for the back/forward cache. */
  realPage: Page;
}

interface WorkerFixtures {
  realTabs: RealTabs;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  realTabs: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads there what a fixture needs
    async ({}, use) => {
      const tabs = await startRealTabs();
      await use(tabs);
      await tabs.close();
    },
    { scope: "worker" },
  ],
  async realPage({ realTabs }, use) {
    const page = await realTabs.open();
    await use(page);
    await page.close();
  },
});
