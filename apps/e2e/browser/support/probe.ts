import { expect, type Page } from "@playwright/test";
import type { Happening, probe as InPage, Reading } from "../pages/probe-page.ts";
import { type Problems, watchProblems } from "./problems.ts";
import type { StreamServer } from "./stream-server.ts";

declare const probe: typeof InPage;

/** A tab with the page that holds one client and records what happens to it. */
export interface Probe {
  readonly page: Page;
  readonly problems: Problems;
  /** Opens the page with these options of the client and waits until it is live. */
  open(options?: Readonly<Record<string, unknown>>): Promise<void>;
  read(): Promise<Reading>;
  /** Ids of the messages received, without duplicates hidden or order mended. */
  received(): Promise<readonly string[]>;
  status(): Promise<string>;
  connect(): Promise<void>;
  /** Changes of the status and of the page, oldest first; another page of the tab tells, too. */
  trail(): Promise<readonly Happening[]>;
  /** Errors of the client and of the page; another page of the tab tells, too. */
  errors(): Promise<readonly Happening[]>;
}

export function createProbe(page: Page, server: StreamServer): Probe {
  const problems = watchProblems(page);
  const read = () => page.evaluate(() => probe.read());
  const recall = async (list: string): Promise<Happening[]> =>
    JSON.parse((await page.evaluate((name) => sessionStorage.getItem(name), list)) ?? "[]");
  const status = async () => (await read()).state.status;
  return {
    page,
    problems,
    async open(options = {}) {
      const query = new URLSearchParams({ options: JSON.stringify(options) });
      await page.goto(`${server.origin}/pages/probe?${query}`);
      await expect.poll(status).toBe("open");
    },
    read,
    received: async () => (await read()).received,
    status,
    connect: () => page.evaluate(() => probe.client.connect()),
    trail: () => recall("trail"),
    errors: () => recall("errors"),
  };
}
