import { render } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import { type SSEClient, type UseSSE, useChannel, useSSE } from "../src/index.js";
import Keyed from "./keyed.svelte";
import Live from "./live.svelte";
import Many from "./many.svelte";
import Toggle from "./toggle.svelte";
import { createWorld, event, freshUrl, nothing } from "./world.js";

const warn = vi.spyOn(console, "warn");
afterEach(() => {
  expect(warn).not.toHaveBeenCalled();
  warn.mockClear();
});

/** Counts how many subscriptions a channel's view has. */
function countSubscriptions(client: SSEClient) {
  const { view } = client.channel("a");
  let count = 0;
  const subscribe = view.subscribe;
  vi.spyOn(view, "subscribe").mockImplementation((onChange) => {
    const end = subscribe(onChange);
    count++;
    return () => {
      count--;
      end();
    };
  });
  return () => count;
}

test("the connection stays while the component does, whatever of its markup reads", async () => {
  const { client, open, settle, linger } = createWorld();
  const { container, rerender } = render(Toggle, { client, isShown: false });
  const stream = await open();
  for (const isShown of [true, false, true, false]) {
    await rerender({ isShown });
    await linger();
  }
  expect(stream.aborted).toBe(false);
  stream.push(event(1));
  await settle();
  await rerender({ isShown: true });
  expect(container.textContent).toContain("1");
});

test("any number of readers in a component is one subscription, through every change of its markup", async () => {
  const { client, linger } = createWorld();
  const count = countSubscriptions(client);
  const { rerender, unmount } = render(Toggle, { client });
  expect(count()).toBe(1);
  for (let id = 2; id < 10; id++) {
    await rerender({ id, isShown: id % 2 === 0 });
    expect(count()).toBe(1);
  }
  unmount();
  await linger();
  expect(count()).toBe(0);
});

test("a component that only hands its messages on keeps the connection as well", async () => {
  const { client, open, linger } = createWorld();
  render(Live, {
    setup() {
      useChannel(client, "a");
      return () => "nothing of it";
    },
  });
  const stream = await open();
  await linger();
  expect(stream.aborted).toBe(false);
});

test("a component mounted anew under another key keeps the one connection", async () => {
  const { environment, harness, open, linger } = createWorld();
  const source = freshUrl();
  const setup = () => {
    const events = useSSE(source, { environment });
    return () => events.current.status;
  };
  const { container, rerender } = render(Keyed, { id: 1, setup });
  await open();
  for (const id of [2, 3, 4]) await rerender({ id });
  await linger();
  expect(container.textContent).toBe("open");
  expect(harness.requests).toHaveLength(1);
});

test("1,000 components that come and go leave nothing", async () => {
  const { client, environment, harness, linger } = createWorld();
  const count = countSubscriptions(client);
  const setup = () => {
    const channel = useChannel(client, "a");
    const events = useSSE(client);
    return () => `${channel.current.data} ${events.current.status}`;
  };
  const ids = Array.from({ length: 100 }, (_, id) => id);
  const { rerender, unmount } = render(Many, { ids, setup });
  expect(count()).toBe(100);
  for (let turn = 0; turn < 9; turn++) {
    await rerender({ ids: [] });
    await rerender({ ids });
  }
  unmount();
  await tick();
  expect(count()).toBe(0);
  await linger();
  expect(harness.requests).toHaveLength(1);
  expect(environment.leaks()).toEqual(nothing);
});

test("after it has left, what a component handed out still works", async () => {
  const { environment, open, linger } = createWorld();
  let events: UseSSE | undefined;
  let url = $state(freshUrl());
  const { unmount } = render(Live, {
    setup() {
      const own = useSSE(() => url, { environment });
      events = own;
      return () => own.current.status;
    },
  });
  await open();
  unmount();
  await linger();
  expect(events?.current.status).toBe("idle");
  events?.connect();
  await open();
  expect(events?.current.status).toBe("open");
  events?.disconnect();
  expect(events?.client.status.get().status).toBe("closed");
  url = freshUrl();
  expect(events?.current.status).toBe("idle");
  await linger();
  expect(environment.leaks()).toEqual(nothing);
});

test("what a component hands out goes on for whoever holds it when the component has left", async () => {
  const { client, open, settle, linger } = createWorld();
  let channel: ReturnType<typeof useChannel> | undefined;
  const { unmount } = render(Live, {
    setup() {
      const own = useChannel(client, "a");
      channel = own;
      return () => own.current.data;
    },
  });
  const seen: unknown[] = [];
  const end = channel?.subscribe(({ data }) => seen.push(data));
  const stream = await open();
  stream.push(event(1));
  await settle();
  unmount();
  await linger();
  stream.push(event(2));
  await settle();
  expect(seen.at(-1)).toBe(2);
  end?.();
  await linger();
  expect(stream.aborted).toBe(true);
});

test("what a request reads of state does not have the component subscribe anew", async () => {
  const { environment, harness, open, settle } = createWorld();
  let token = $state("ann");
  let events: UseSSE | undefined;
  render(Live, {
    setup() {
      const own = useSSE(freshUrl(), { environment, headers: () => ({ token }) });
      events = own;
      return () => own.current.status;
    },
  });
  await open();
  const subscribe = vi.spyOn(events!.client.view, "subscribe");
  token = "bob";
  await settle();
  expect(subscribe).not.toHaveBeenCalled();
  expect(harness.requests).toHaveLength(1);
});

test("a call that a derived value makes again with another name stays live", async () => {
  const { client, open, settle } = createWorld();
  let name = $state("a");
  client.channel("b");
  const { container } = render(Live, {
    setup() {
      const channel = $derived(useChannel(client, name));
      return () => channel.current.data;
    },
  });
  const stream = await open();
  name = "b";
  await settle();
  stream.push(event(1, "b"));
  await settle();
  expect(container.textContent).toBe("1");
});
