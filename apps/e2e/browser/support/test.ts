import { test as base, expect } from "@playwright/test";
import { createPlaygroundPage, type PlaygroundPage } from "./playground-page.ts";
import { createPlaygroundServer, type PlaygroundServer, TICK_MS } from "./playground-server.ts";
import { watchProblems } from "./problems.ts";

interface Fixtures {
  /** The page; a test fails when it logs an error or a warning, throws, or has a request fail. */
  playground: PlaygroundPage;
  server: PlaygroundServer;
}

export const test = base.extend<Fixtures>({
  async playground({ page }, use) {
    const problems = watchProblems(page);
    await use(createPlaygroundPage(page, problems));
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
