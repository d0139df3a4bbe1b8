import type { AdapterHarness, SuiteClient } from "../adapter-harness.ts";
import { createWorld, type World } from "../world.ts";

/** What is tested with the adapters: the package's own way of making a client. */
export interface Subject {
  createSSEClient(options: { url: string; environment: object; channels?: Record<string, object> }): SuiteClient;
}

/** A network, a clock, and clients that use them. */
export interface SuiteWorld extends World {
  client: SuiteClient;
  createClient(options?: { channels?: Record<string, object> }): SuiteClient;
}

/** One part of the suite. */
export type AdapterTests = (adapter: AdapterHarness, createWorld: () => SuiteWorld) => void;

export function createSuiteWorld({ flush }: AdapterHarness, { createSSEClient }: Subject): SuiteWorld {
  const world = createWorld(flush);
  const createClient: SuiteWorld["createClient"] = (options) =>
    createSSEClient({ url: "http://host.test/events", environment: world.environment, ...options });
  return { ...world, client: createClient(), createClient };
}
