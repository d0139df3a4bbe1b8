import { expect, type Page } from "@playwright/test";
import type { RenderReading, startRenderProbe } from "../pages/render-probe.ts";
import { type Problems, watchProblems } from "./problems.ts";
import type { StreamServer } from "./stream-server.ts";

declare const renderProbe: ReturnType<typeof startRenderProbe>;

/** A tab with the page of a framework, whose components count how often they are rendered. */
export interface RenderPage {
  readonly problems: Problems;
  /** Opens it and waits until it is live. */
  open(): Promise<void>;
  read(): Promise<RenderReading>;
  status(): Promise<string>;
  /** What its list shows. */
  items(): Promise<readonly number[]>;
  /** Takes all components off the page. */
  hide(): Promise<void>;
  /** Puts new ones there. */
  show(): Promise<void>;
}

export function createRenderPage(page: Page, server: StreamServer, framework: string): RenderPage {
  const read = () => page.evaluate(() => renderProbe.read());
  const status = async () => (await read()).status;
  return {
    problems: watchProblems(page),
    async open() {
      await page.goto(`${server.origin}/pages/${framework}`);
      await expect.poll(status).toBe("open");
    },
    read,
    status,
    items: async () => (await read()).items,
    hide: () => page.evaluate(() => renderProbe.hide()),
    show: () => page.evaluate(() => renderProbe.show()),
  };
}

/** How often each part was rendered between two readings. */
export function rendersBetween(before: RenderReading, after: RenderReading): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after.renders).map(([part, count]) => [part, count - (before.renders[part] ?? 0)]),
  );
}
