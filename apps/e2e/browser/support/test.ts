import { expect } from "@playwright/test";
import type { FrontEnd } from "playground-server/front-ends";
import { createPlaygroundPage, type PlaygroundPage } from "./playground-page.ts";
import { startPlayground } from "./playground-process.ts";
import { createPlaygroundServer, type PlaygroundServer, TICK_MS } from "./playground-server.ts";
import { watchProblems } from "./problems.ts";
import { test as base } from "./tabs-test.ts";

/** What a project decides. */
export interface PlaygroundOptions {
  frontEnd: FrontEnd;
}

interface Fixtures extends PlaygroundOptions {
  /** The page; a test fails when it logs an error or a warning, throws, or has a request fail. */
  playground: PlaygroundPage;
  /** The same in `realPage`. */
  realPlayground: PlaygroundPage;
  server: PlaygroundServer;
}

interface WorkerFixtures {
  /** Of the playground server, one for each worker. */
  origin: string;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  frontEnd: ["react", { option: true }],
  origin: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads there what a fixture needs
    async ({}, use) => {
      const { origin, stop } = await startPlayground();
      await use(origin);
      await stop();
    },
    { scope: "worker" },
  ],
  baseURL: ({ origin, frontEnd }, use) => use(`${origin}/${frontEnd}/`),
  async playground({ page, baseURL }, use) {
    const problems = watchProblems(page);
    await use(createPlaygroundPage(page, problems, baseURL ?? ""));
    expect(problems.found).toEqual([]);
  },
  async realPlayground({ realPage, baseURL }, use) {
    const problems = watchProblems(realPage);
    await use(createPlaygroundPage(realPage, problems, baseURL ?? ""));
    expect(problems.found).toEqual([]);
  },
  async server({ request }, use) {
    const server = createPlaygroundServer(request);
    await use(server);
    await server.setTick(TICK_MS);
    await server.setSwitches({ buffer: false, snapshotFails: false });
  },
});

export { expect };
