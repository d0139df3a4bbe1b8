// @vitest-environment node
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";
import { afterEach, expect, test, vi } from "vitest";
import { type Component, createSSRApp, defineComponent, effectScope, h, Suspense } from "vue";
import { renderToString } from "vue/server-renderer";
import { createSSEClient, createSSEPlugin, useChannel, useReadable, useSSE, useSSEClient } from "../src/index.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const renderPage = (component: Component) => renderToString(createSSRApp(component));

test("rendering where there is no page opens nothing, also from relative URLs, and shows what the page first shows", async () => {
  const fetch = vi.fn();
  const setTimeout = vi.fn();
  const client = createSSEClient({ url: "/api/events" });
  const Page = defineComponent(() => {
    const { status, data } = useSSE("/api/events");
    const { loading } = useChannel(client, "a");
    return () => h("p", `${status.value} ${String(data.value)} ${String(loading.value)}`);
  });
  vi.stubGlobal("fetch", fetch);
  vi.stubGlobal("setTimeout", setTimeout);
  expect(await renderPage(Page)).toBe("<p>idle undefined true</p>");
  expect(fetch).not.toHaveBeenCalled();
  expect(setTimeout).not.toHaveBeenCalled();
});

test("a client that serves many requests is left without a subscription, and what it knows is not shown", async () => {
  const harness = createFetchHarness();
  const environment = createFakeEnvironment({ fetch: harness.fetch, isServer: true });
  const client = createSSEClient({ url: "http://host.test/events", environment });
  const { view } = client.channel("a");
  client.connect();
  const request = await harness.nextRequest();
  request.respond();
  request.push("event: a\ndata: 1\n\n");
  await environment.clock.advanceAsync(0);
  environment.flush();
  expect(view.get().data).toBe(1);

  const spies = [client.view, view, client.stats].map((readable) => vi.spyOn(readable, "subscribe"));
  const Page = defineComponent(() => {
    // A store's scope is not stopped when a request is over.
    const store = effectScope(true).run(() => useChannel(client, "a"));
    const { status } = useSSE(client);
    const { data } = useChannel(useSSEClient(), "a", (value) => value);
    const stats = useReadable(client.stats);
    return () => h("p", `${status.value} ${data.value} ${store?.data.value} ${stats.value.messages}`);
  });
  const app = createSSRApp(Page).use(createSSEPlugin(client));
  expect(await renderToString(app)).toBe("<p>idle undefined undefined 0</p>");
  for (const subscribe of spies) expect(subscribe).not.toHaveBeenCalled();
});

test("an async setup on a server subscribes neither before nor after it waits", async () => {
  const client = createSSEClient({ url: "/api/events" });
  const subscribe = vi.spyOn(client.view, "subscribe");
  const Page = defineComponent({
    async setup() {
      const { status } = useSSE(client);
      await Promise.resolve();
      return () => h("p", status.value);
    },
  });
  expect(await renderPage(defineComponent(() => () => h(Suspense, () => h(Page))))).toContain("idle");
  expect(subscribe).not.toHaveBeenCalled();
});

test("two requests never share a client", async () => {
  const clients: unknown[] = [];
  const Page = defineComponent(() => {
    const { client } = useSSE("/api/events");
    // Whenever it is asked, within one request it is the same.
    expect(client.value).toBe(client.value);
    clients.push(client.value);
    return () => null;
  });
  await renderPage(Page);
  await renderPage(Page);
  expect(clients[0]).not.toBe(clients[1]);
});
