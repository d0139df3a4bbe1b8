// @vitest-environment node

import { render } from "svelte/server";
import { get } from "svelte/store";
import { afterEach, expect, test, vi } from "vitest";
import { createSSEClient, SSEProvider, useChannel, useReadable, useSSE, useSSEClient } from "../src/index.js";
import Live from "./live.svelte";
import RunesStore from "./runes-store.svelte";
import { createWorld, event } from "./world.js";

afterEach(() => vi.unstubAllGlobals());

/** The HTML, without Svelte's comments. */
const html = (setup: () => () => unknown) => render(Live, { props: { setup } }).body.replace(/<!--.*?-->/g, "");

test("rendering where there is no page opens nothing, also from relative URLs, and shows what the page first shows", () => {
  const [fetch, setTimeout] = [vi.fn(), vi.fn()];
  vi.stubGlobal("fetch", fetch);
  vi.stubGlobal("setTimeout", setTimeout);
  const client = createSSEClient({ url: "/api/events" });
  const subscribe = vi.spyOn(client.channel("a").view, "subscribe");
  const shown = html(() => {
    const events = useSSE(() => "/api/events");
    const channel = useChannel(client, "a", (data) => data);
    const status = useReadable(client.status);
    return () => `${events.current.status} ${events.current.data} ${channel.current.loading} ${status.current.status}`;
  });
  expect(shown.trim()).toBe("<p>idle undefined true idle</p>");
  expect(render(RunesStore, { props: { client } }).body).toContain("idle");
  expect(fetch).not.toHaveBeenCalled();
  expect(setTimeout).not.toHaveBeenCalled();
  expect(subscribe).not.toHaveBeenCalled();
});

test("a client of a module that is connected shows its initial view, in components and as a store", async () => {
  const { client, open, settle } = createWorld();
  const channel = useChannel(client, "a");
  const events = useSSE(client);
  const end = client.retain();
  (await open()).push(event("of somebody else"));
  await settle();
  const shown = html(() => {
    const own = useSSE(client);
    return () => `${own.current.status} ${channel.current.data} ${events.current.status} ${get(channel).data}`;
  });
  expect(shown.trim()).toBe("<p>idle undefined idle undefined</p>");
  end();
});

test("two requests never share a client", () => {
  const clients: unknown[] = [];
  const setup = () => {
    const { client } = useSSE("/api/events");
    clients.push(client);
    return () => null;
  };
  html(setup);
  html(setup);
  expect(clients[0]).not.toBe(clients[1]);
});

test("a component has one client, whatever of it is read", () => {
  const seen = new Set<unknown>();
  html(() => {
    const events = useSSE(
      () => "/api/events",
      () => ({ headers: {} }),
    );
    seen.add(events.client);
    events.disconnect();
    return () => seen.add(events.client).size;
  });
  expect(seen.size).toBe(1);
});

test("a URL that cannot be used is thrown to the page that renders", () => {
  expect(() => html(() => () => useSSE("ws://host.test/x").current.status)).toThrow(
    expect.objectContaining({ code: "invalid-option", option: "url" }),
  );
});

test("the provider hands its client down", () => {
  const client = createSSEClient({ url: "/x" });
  expect(SSEProvider).toBeTypeOf("function");
  expect(() => html(() => () => useSSEClient())).toThrow("wrap the component in <SSEProvider {client}>");
  expect(client.status.get().status).toBe("idle");
});
