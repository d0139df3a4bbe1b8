import {
  type ClientOptions,
  createSSEClient,
  type Gap,
  type SSEClient,
  type SSEError,
  type SubscriptionFactory,
} from "../../src/index.ts";
import {
  createFakeServer,
  type FakeRequest,
  type FakeServer,
  type FakeServerOptions,
} from "../../src/testing/index.ts";

export type Answer = () => Promise<Response>;

/** A client whose subscriptions come and go, and the server it talks to. */
export interface SubscribedClient {
  readonly client: SSEClient;
  readonly server: FakeServer;
  readonly errors: SSEError[];
  /** What was delivered: channel and data. */
  readonly received: unknown[];
  /** Subscribes; returns what ends it. */
  join(...names: readonly string[]): () => void;
  /** Subscribes to one channel and leaves it for good, as far as the server is concerned. */
  visit(name: string): Promise<void>;
  gapOf(name: string): Gap | null;
  /** The requests since the last call: the channels and the position that were asked for, or the body of a change. */
  asked(): unknown[];
  /** Everything happens that is due, what a frame leads to and the frame after it included. */
  settle(): Promise<void>;
  /** More than the linger time passes. */
  linger(): Promise<void>;
  /** What answers requests that are to change a stream, in place of the server; `null` leaves them to the server. */
  answerChanges(answer: Answer | null): void;
}

export function createSubscribedClient(
  factory: () => SubscriptionFactory,
  serverOptions: FakeServerOptions = {},
  options: Partial<ClientOptions> = {},
): SubscribedClient {
  const server = createFakeServer(serverOptions);
  const errors: SSEError[] = [];
  const received: unknown[] = [];
  let answer: Answer | null = null;
  const { environment } = server;
  const client = createSSEClient({
    url: "http://host.test/events",
    environment: {
      ...environment,
      fetch: (url, init) => (init?.method === "POST" && answer ? answer() : environment.fetch(url, init)),
    },
    subscription: factory(),
    onError: (error) => errors.push(error),
    ...options,
  });
  client.on("message", ({ channel, data }) => received.push([channel, data]));
  let seen = 0;
  const describe = ({ method, url, lastEventId, body }: FakeRequest) => {
    if (method === "POST") return JSON.parse(`${body}`);
    return [new URL(url).searchParams.get("channels"), lastEventId];
  };
  const join = (...names: readonly string[]) => {
    const ends = names.map((name) => client.channel(name).on(() => {}));
    return () => {
      for (const end of ends) end();
    };
  };
  const settle = async () => {
    await server.settle();
    await server.settle();
  };
  const linger = () => server.advance(1_100);
  return {
    client,
    server,
    errors,
    received,
    join,
    async visit(name) {
      const leave = join(name);
      await settle();
      leave();
      await linger();
    },
    gapOf: (name) => client.channel(name).gap.get(),
    asked() {
      const fresh = server.requests.slice(seen);
      seen = server.requests.length;
      return fresh.map(describe);
    },
    settle,
    answerChanges(next) {
      answer = next;
    },
    linger,
  };
}

export const nothing = { timers: 0, listeners: 0, flushes: 0, streams: 0 };
