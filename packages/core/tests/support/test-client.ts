import { createFakeEnvironment, type FakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness, type FetchHarness } from "test-kit/fetch-harness";
import type { HarnessRequest } from "test-kit/harness-request";
import type { ChannelMap, ClientOptions, SSEClient } from "../../src/index.ts";
import { createSSEClient } from "../../src/index.ts";

export interface TestClient<T extends ChannelMap> {
  client: SSEClient<T>;
  environment: FakeEnvironment;
  harness: FetchHarness;
  /** The next request the client sends, answered with an open stream. */
  open(): Promise<HarnessRequest>;
  /** Lets everything that is due without time passing happen, a frame included. */
  settle(): Promise<void>;
}

/** A client on a manual clock and a scripted fetch. */
export function createTestClient<T extends ChannelMap = ChannelMap>(
  options: Partial<ClientOptions<T>> = {},
): TestClient<T> {
  const harness = createFetchHarness();
  const environment = createFakeEnvironment({ fetch: harness.fetch });
  const client = createSSEClient<T>({ url: "http://host.test/events", environment, ...options });
  const settle = async () => {
    await environment.clock.advanceAsync(0);
    environment.flush();
  };
  return {
    client,
    environment,
    harness,
    settle,
    async open() {
      const request = await harness.nextRequest();
      request.respond();
      await settle();
      return request;
    },
  };
}

/** An event as the contract's servers write it. */
export const frame = (event: string, data: unknown, id?: string): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n${id === undefined ? "" : `id: ${id}\n`}\n`;

export const hello = (details: { pos?: string; resume?: string; replayed?: number; epoch?: string } = {}): string =>
  frame("sse.hello", {
    conn: "c1",
    epoch: "abc123",
    pos: "0",
    heartbeatMs: 15_000,
    channels: ["**"],
    resume: "fresh",
    replayed: 0,
    ...details,
  });
