import type { AdapterHarness, SuiteClient } from "../adapter-harness.ts";
import { createFakeEnvironment, type FakeEnvironment } from "../fake-environment.ts";
import { createFetchHarness, type FetchHarness, type HarnessRequest } from "../fetch-harness.ts";

/** What is tested with the adapters: the package's own way of making a client. */
export interface Subject {
  createSSEClient(options: { url: string; environment: object; channels?: Record<string, object> }): SuiteClient;
}

export interface World {
  environment: FakeEnvironment;
  harness: FetchHarness;
  client: SuiteClient;
  createClient(options?: { channels?: Record<string, object> }): SuiteClient;
  /** Answers the oldest request that has no answer with an open stream. */
  open(): Promise<HarnessRequest>;
  /** Lets everything due happen, a frame included, and the framework render. */
  settle(): Promise<void>;
  /** More than the linger time passes. */
  linger(): Promise<void>;
}

/** One part of the suite. */
export type AdapterTests = (adapter: AdapterHarness, createWorld: () => World) => void;

let urls = 0;

/** A URL no other test has used, because clients are shared by URL. */
export const freshUrl = () => `http://host.test/stream-${++urls}`;

export const event = (data: unknown, channel = "a") => `event: ${channel}\ndata: ${JSON.stringify(data)}\n\n`;

export function createWorld({ flush }: AdapterHarness, { createSSEClient }: Subject): World {
  const harness = createFetchHarness();
  const environment = createFakeEnvironment({ fetch: harness.fetch });
  const pass = (ms: number) =>
    flush(async () => {
      await environment.clock.advanceAsync(ms);
      environment.flush();
    });
  const createClient: World["createClient"] = (options) =>
    createSSEClient({ url: "http://host.test/events", environment, ...options });
  return {
    environment,
    harness,
    client: createClient(),
    createClient,
    settle: () => pass(0),
    linger: () => pass(1_100),
    async open() {
      const request = await harness.nextRequest();
      request.respond();
      await pass(0);
      return request;
    },
  };
}
