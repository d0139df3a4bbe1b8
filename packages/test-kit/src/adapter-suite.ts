import { describe, expect, test } from "vitest";
import type { AdapterHarness, SuiteClient, SuiteUse } from "./adapter-harness.ts";
import { createFakeEnvironment, type FakeEnvironment } from "./fake-environment.ts";
import { createFetchHarness, type FetchHarness } from "./fetch-harness.ts";

interface Subject {
  createSSEClient(options: { url: string; environment: object; lingerMs?: number }): SuiteClient;
}

interface World {
  environment: FakeEnvironment;
  harness: FetchHarness;
  client: SuiteClient;
  /** Answers the newest request with an open stream. */
  open(): Promise<{ push(text: string): void; aborted: boolean; url: string }>;
  /** Lets everything due happen, a frame included, and the framework render. */
  settle(): Promise<void>;
}

let streams = 0;

/** What every adapter does, said once. Each framework's test file calls this with its harness. */
export function describeAdapter(name: string, adapter: AdapterHarness, { createSSEClient }: Subject): void {
  const createWorld = (): World => {
    const harness = createFetchHarness();
    const environment = createFakeEnvironment({ fetch: harness.fetch });
    const settle = () =>
      adapter.flush(async () => {
        await environment.clock.advanceAsync(0);
        environment.flush();
      });
    return {
      environment,
      harness,
      client: createSSEClient({ url: "http://host.test/events", environment }),
      settle,
      async open() {
        const request = await harness.nextRequest();
        request.respond();
        await settle();
        return request;
      },
    };
  };
  const event = (data: unknown, channel = "a") => `event: ${channel}\ndata: ${JSON.stringify(data)}\n\n`;
  /** A URL no other test has used, because clients are shared by URL. */
  const freshUrl = () => `http://host.test/stream-${++streams}`;

  describe(`${name} adapter`, () => {
    test("a channel is loading, then empty, then shows its first value and every later one", async () => {
      const { client, open, settle } = createWorld();
      const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
      expect(mounted.read()).toMatchObject({ loading: true, message: null, error: null });
      const stream = await open();
      expect(mounted.read()).toMatchObject({ loading: false, message: null });
      stream.push(event(1));
      await settle();
      expect(mounted.read()).toMatchObject({ data: 1, loading: false });
      stream.push(event(2) + event(3));
      await settle();
      expect(mounted.read().data).toBe(3);
      expect(mounted.read().history?.map(({ data }) => data)).toEqual([1, 2, 3]);
      await mounted.unmount();
    });

    test("two readers of one client share a connection", async () => {
      const { client, harness, open } = createWorld();
      const first = await adapter.mount({ hook: "channel", client, name: "a" });
      const second = await adapter.mount({ hook: "channel", client, name: "b" });
      await open();
      expect(harness.requests).toHaveLength(1);
      await first.unmount();
      await second.unmount();
    });

    test("two components that name one URL, with options written inline, share a connection", async () => {
      const { environment, harness, open, settle } = createWorld();
      const source = freshUrl();
      const use = (): SuiteUse => ({ hook: "sse", source, options: { environment, headers: {}, onError: () => {} } });
      const first = await adapter.mount(use());
      const second = await adapter.mount(use());
      const stream = await open();
      await first.set(use());
      stream.push("data: 1\n\n");
      await settle();
      expect([first.read(), second.read()]).toMatchObject([
        { data: 1, status: "open" },
        { data: 1, status: "open" },
      ]);
      expect(harness.requests).toHaveLength(1);
      await first.unmount();
      await second.unmount();
    });

    test("observing a client opens nothing", async () => {
      const { client, harness, settle } = createWorld();
      const mounted = await adapter.mount({ hook: "sse", source: client });
      await settle();
      expect(mounted.read()).toMatchObject({ status: "idle", data: undefined, error: null });
      expect(harness.requests).toHaveLength(0);
      await mounted.unmount();
    });

    test("unmounting closes after the linger time and leaves nothing behind", async () => {
      const { client, environment, open, settle } = createWorld();
      const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
      const stream = await open();
      await mounted.unmount();
      expect(stream.aborted).toBe(false);
      environment.clock.advance(1_000);
      await settle();
      expect(stream.aborted).toBe(true);
      expect(client.status.get().status).toBe("idle");
      expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
    });

    test("remounting within the linger time keeps the connection and what it knows", async () => {
      const { environment, harness, open, settle } = createWorld();
      const use: SuiteUse = { hook: "sse", source: freshUrl(), options: { environment } };
      const first = await adapter.mount(use);
      const stream = await open();
      stream.push("data: 1\n\n");
      await settle();
      await first.unmount();
      environment.clock.advance(900);
      const second = await adapter.mount(use);
      environment.clock.advance(10_000);
      await settle();
      expect(second.read()).toMatchObject({ status: "open", data: 1 });
      expect(harness.requests).toHaveLength(1);
      await second.unmount();
    });

    test("a selector renders only when what it takes changes", async () => {
      const { client, open, settle } = createWorld();
      const select = ({ price }: { price: number }) => Math.floor(price / 10);
      const mounted = await adapter.mount({ hook: "channel", client, name: "a", select });
      const stream = await open();
      stream.push(event({ price: 11 }));
      await settle();
      expect(mounted.read().data).toBe(1);
      const renders = mounted.renders();
      stream.push(event({ price: 12 }) + event({ price: 19 }));
      await settle();
      stream.push(event({ price: 15 }, "b"));
      await settle();
      expect(mounted.renders()).toBe(renders);
      stream.push(event({ price: 20 }));
      await settle();
      expect(mounted.read().data).toBe(2);
      expect(mounted.renders()).toBe(renders + 1);
      await mounted.unmount();
    });

    test("another URL ends the old stream and shows only the new one", async () => {
      const { environment, open, settle } = createWorld();
      const [before, after] = [freshUrl(), freshUrl()];
      const mounted = await adapter.mount({ hook: "sse", source: before, options: { environment } });
      const old = await open();
      old.push("data: 1\n\n");
      await settle();
      await mounted.set({ hook: "sse", source: after, options: { environment } });
      const next = await open();
      expect(next.url).toBe(after);
      old.push("data: 2\n\n");
      next.push("data: 3\n\n");
      await settle();
      expect(mounted.read().messages?.map(({ data }) => data)).toEqual([3]);
      environment.clock.advance(1_000);
      expect(old.aborted).toBe(true);
      await mounted.unmount();
    });

    test("another channel shows that one's values", async () => {
      const { client, harness, open, settle } = createWorld();
      const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
      const stream = await open();
      stream.push(event(1));
      await settle();
      await mounted.set({ hook: "channel", client, name: "b" });
      expect(mounted.read().message).toBeNull();
      stream.push(event(2) + event(3, "b"));
      await settle();
      expect(mounted.read().data).toBe(3);
      expect(harness.requests).toHaveLength(1);
      await mounted.unmount();
    });

    test("a final error shows in both hooks", async () => {
      const { client, harness, settle } = createWorld();
      const channel = await adapter.mount({ hook: "channel", client, name: "a" });
      const sse = await adapter.mount({ hook: "sse", source: client });
      const request = await harness.nextRequest();
      request.respond({ status: 404 });
      request.end();
      await settle();
      expect(channel.read()).toMatchObject({ error: { code: "http", status: 404 }, loading: false });
      expect(sse.read()).toMatchObject({ status: "closed", error: { code: "http", status: 404 } });
      await channel.unmount();
      await sse.unmount();
    });

    test("5,000 messages in one frame are one render", async () => {
      const { client, environment, open, settle } = createWorld();
      const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
      const stream = await open();
      const renders = mounted.renders();
      for (let chunk = 0; chunk < 50; chunk++)
        stream.push(Array.from({ length: 100 }, (_, index) => event(chunk * 100 + index)).join(""));
      await environment.clock.advanceAsync(0);
      await settle();
      expect(mounted.read().data).toBe(4_999);
      expect(mounted.renders()).toBe(renders + 1);
      await mounted.unmount();
    });

    test("equal messages one after the other are seen as two", async () => {
      const { client, open, settle } = createWorld();
      const mounted = await adapter.mount({ hook: "channel", client, name: "a" });
      const stream = await open();
      stream.push(event("same"));
      await settle();
      const { message } = mounted.read();
      const renders = mounted.renders();
      stream.push(event("same"));
      await settle();
      expect(mounted.read().message).not.toBe(message);
      expect(mounted.renders()).toBe(renders + 1);
      await mounted.unmount();
    });

    test("rendering on a server sends nothing and hydrating it raises no complaint", async () => {
      const { client, harness, environment, open, settle } = createWorld();
      const uses: SuiteUse[] = [
        { hook: "channel", client, name: "a" },
        { hook: "sse", source: freshUrl(), options: { environment } },
      ];
      for (const use of uses) {
        const html = await adapter.renderToString(use);
        expect(harness.requests).toHaveLength(0);
        const mounted = await adapter.hydrate(use, html);
        const stream = await open();
        stream.push(event(1));
        await settle();
        expect(mounted.read().data).toBe(1);
        expect(mounted.complaints).toEqual([]);
        await mounted.unmount();
        environment.clock.advance(1_000);
        harness.requests.length = 0;
      }
      expect(environment.leaks().timers).toBe(0);
    });
  });
}
