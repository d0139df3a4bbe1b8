import { fireEvent, render } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import { createSSEClient, type SSEClient, useChannel, useReadable, useSSE } from "../src/index.js";
import Await from "./await.svelte";
import Handler from "./handler.svelte";
import Legacy from "./legacy.svelte";
import Live from "./live.svelte";
import RunesStore from "./runes-store.svelte";
import { createWorld, event, freshUrl, nothing } from "./world.js";

const warn = vi.spyOn(console, "warn");
afterEach(() => {
  expect(warn).not.toHaveBeenCalled();
  warn.mockClear();
});

test("5,000 messages in one frame run the markup once, also behind a selector and a derived value", async () => {
  const { client, open, settle } = createWorld();
  const runs = [0, 0];
  render(Live, {
    setup() {
      const channel = useChannel(client, "a");
      const part = useChannel(client, "a", (data) => Number(data) > 4_000);
      const isBig = $derived(part.current.data);
      $effect(() => {
        void isBig;
        runs[1]!++;
      });
      return () => {
        runs[0]!++;
        return channel.current.data;
      };
    },
  });
  const stream = await open();
  const before = [...runs];
  stream.push(Array.from({ length: 5_000 }, (_, index) => event(index)).join(""));
  await settle();
  expect(runs).toEqual(before.map((count) => count + 1));
});

test("an effect in a component sees each flush once, equal payloads too", async () => {
  const { client, open, settle } = createWorld();
  const seen: unknown[] = [];
  render(Live, {
    setup() {
      const channel = useChannel(client, "a");
      $effect(() => {
        const { message } = channel.current;
        if (message) seen.push(message.data);
      });
      return () => null;
    },
  });
  const stream = await open();
  for (const data of ["same", "same"]) {
    stream.push(event(data));
    await settle();
  }
  expect(seen).toEqual(["same", "same"]);
});

test("reading in an event handler is not tracked and opens nothing", async () => {
  const { environment, harness, settle } = createWorld();
  const channels: SSEClient[] = [];
  const seen: unknown[] = [];
  const { getByRole } = render(Handler, {
    onclick() {
      const client = createSSEClient({ url: freshUrl(), environment });
      channels.push(client);
      const channel = useChannel(client, "a");
      seen.push(channel.current.loading, useSSE(client).current.status);
    },
  });
  await fireEvent.click(getByRole("button"));
  await settle();
  expect(seen).toEqual([true, "idle"]);
  expect(harness.requests).toHaveLength(0);
  expect(environment.leaks()).toEqual(nothing);
});

test("one component shows the connection that another opens in the same rendering", async () => {
  const { client, harness, open } = createWorld();
  const badge = () => {
    const events = useSSE(client);
    const status = useReadable(client.status);
    const text = $derived(`${events.current.status} ${status.current.status}`);
    return () => text;
  };
  const reader = () => {
    const channel = useChannel(client, "a");
    const data = $derived(channel.current.loading);
    return () => data;
  };
  const before = render(Live, { setup: badge });
  const live = render(Live, { setup: reader });
  const after = render(Live, { setup: badge });
  flushSync();
  expect(before.container.textContent).toContain("connecting connecting");
  expect(after.container.textContent).toContain("connecting connecting");
  await open();
  expect(before.container.textContent).toContain("open open");
  expect(live.container.textContent).toContain("false");
  expect(harness.requests).toHaveLength(1);
});

test("a component of Svelte 4 follows with reactive statements, and follows its props", async () => {
  const { client, open, settle, linger } = createWorld();
  client.channel("b");
  const { container, rerender, unmount } = render(Legacy, { client, name: "a" });
  expect(container.textContent).toBe("loading ");
  const stream = await open();
  stream.push(event(2) + event(5, "b"));
  await settle();
  expect(container.textContent).toBe("4 2");
  await rerender({ name: "b" });
  expect(container.textContent).toBe("10 5");
  unmount();
  await linger();
  expect(stream.aborted).toBe(true);
});

test("a component with runes may read it as a store", async () => {
  const { client, open, settle, linger } = createWorld();
  const { container, unmount } = render(RunesStore, { client });
  const stream = await open();
  stream.push(event(2));
  await settle();
  expect(container.textContent).toBe("open 2 4");
  unmount();
  await linger();
  expect(stream.aborted).toBe(true);
});

test("what waits for a promise shows what has come meanwhile", async () => {
  const { client, open, settle } = createWorld();
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { container } = render(Await, { client, gate });
  (await open()).push(event(1));
  await settle();
  expect(container.textContent).toBe("waiting");
  release();
  await settle();
  expect(container.textContent).toBe("1");
});

test("a component that comes later shows at once what is known", async () => {
  const { client, open, settle } = createWorld();
  const setup = () => {
    const channel = useChannel(client, "a");
    return () => channel.current.data;
  };
  render(Live, { setup });
  (await open()).push(event(1));
  await settle();
  expect(render(Live, { setup }).container.textContent).toBe("1");
});
