import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { launchOptions } from "../../../../scripts/browser.mjs";
import { findFreePort } from "./free-port.ts";

/** A browser that treats its tabs as a user's does: those behind are hidden, and pages that are left are kept. */
export interface RealTabs {
  /** Opens a tab in front of the others. */
  open(): Promise<Page>;
  /** Freezes the page of a tab, or lets it run again. */
  setFrozen(page: Page, isFrozen: boolean): Promise<void>;
  close(): Promise<void>;
}

/** What Playwright asks for so that tests are not slowed down, and what is tested here. */
const unreal = [
  "--disable-back-forward-cache",
  "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
];

export async function startRealTabs(): Promise<RealTabs> {
  const { args, ...options } = launchOptions();
  const port = await findFreePort();
  const launched = await chromium.launch({
    ...options,
    args: [...args, `--remote-debugging-port=${port}`],
    ignoreDefaultArgs: unreal,
  });
  // Over its own connection Playwright makes every page believe that it is in front; without defaults it does not.
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  // Pages of a context of Playwright's own would each be in front in a window of their own.
  const [context] = browser.contexts() as [BrowserContext];
  return {
    open: () => context.newPage(),
    async setFrozen(page, isFrozen) {
      const session = await context.newCDPSession(page);
      await session.send("Page.setWebLifecycleState", { state: isFrozen ? "frozen" : "active" });
      await session.detach();
    },
    async close() {
      await browser.close();
      await launched.close();
    },
  };
}
