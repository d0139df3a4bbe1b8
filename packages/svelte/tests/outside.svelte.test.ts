import { flushSync, tick } from "svelte";
import { expect, test } from "vitest";
import { type Current, useChannel, useReadable, useSSE } from "../src/index.js";
import { createLive } from "./live-module.svelte.js";
import { createWorld, event, freshUrl, nothing } from "./world.js";

/** An effect outside of components. Returns what ends it. */
const effect = (run: Parameters<typeof $effect>[0]) =>
  $effect.root(() => {
    $effect(run);
  });

test("an effect outside of components opens the connection, follows the messages and closes it", async () => {
  const { client, environment, open, settle, linger } = createWorld();
  const channel = useChannel(client, "a");
  const seen: unknown[] = [];
  const end = effect(() => void seen.push(channel.current.data));
  await tick();
  const stream = await open();
  seen.length = 0;
  stream.push(event(1) + event(2));
  await settle();
  expect(seen).toEqual([2]);
  end();
  await tick();
  await linger();
  expect(stream.aborted).toBe(true);
  expect(environment.leaks()).toEqual(nothing);
});

test("an effect over derived values runs when the part they take changes", async () => {
  const { client, open, settle } = createWorld();
  const channel = useChannel(client, "a");
  const half = $derived(Math.floor(Number(channel.current.data ?? 0) / 2));
  const isBig = $derived(half > 10);
  const seen: unknown[] = [];
  const end = effect(() => void seen.push(isBig));
  await tick();
  const stream = await open();
  for (const data of [2, 3, 22, 23, 44]) {
    stream.push(event(data));
    await settle();
  }
  expect(seen).toEqual([false, true]);
  end();
});

test("reading outside of effects shows what is now, opens nothing and leaves nothing", async () => {
  const { client, environment, harness, settle, open, linger } = createWorld();
  const channel = useChannel(client, "a");
  expect(channel.current.data).toBeUndefined();
  await settle();
  expect(harness.requests).toHaveLength(0);
  const off = client.retain();
  const stream = await open();
  for (const data of [1, 2]) {
    stream.push(event(data));
    await settle();
    expect(channel.current.data).toBe(data);
  }
  off();
  await linger();
  expect(stream.aborted).toBe(true);
  expect(environment.leaks()).toEqual(nothing);
});

test("an effect that reads after others have left continues with what is known by then", async () => {
  const { client, open, settle, linger } = createWorld();
  const channel = useChannel(client, "a");
  const view = $derived(channel.current);
  const ends = [effect(() => void view.data)];
  await tick();
  (await open()).push(`id: 7\n${event(1)}`);
  await settle();
  ends[0]?.();
  await tick();
  await linger();
  const seen: unknown[] = [];
  const end = effect(() => void seen.push(view.data));
  await tick();
  expect(seen).toEqual([1]);
  const next = await open();
  expect(next.headers.get("last-event-id")).toBe("7");
  next.push(event(2));
  await settle();
  expect(seen.at(-1)).toBe(2);
  end();
});

test("a module with runes hands derived values on", async () => {
  const { environment, open, settle, linger } = createWorld();
  const live = createLive(freshUrl(), { environment });
  const seen: unknown[] = [];
  const end = effect(() => void seen.push([live.status, live.count]));
  await tick();
  const stream = await open();
  stream.push("data: 1\n\ndata: 2\n\n");
  await settle();
  expect(seen.at(-1)).toEqual(["open", 2]);
  end();
  await tick();
  await linger();
  expect(stream.aborted).toBe(true);
});

test("what is made inside an effect is taken down with it and does not run it again", async () => {
  const { client, open, settle, linger } = createWorld();
  let name = $state("a");
  let runs = 0;
  let channel: Current<{ data: unknown }> | undefined;
  const end = effect(() => {
    runs++;
    channel = useChannel(client, () => name);
    $effect(() => void channel?.current.data);
  });
  await tick();
  const stream = await open();
  stream.push(event(1));
  await settle();
  name = "b";
  await tick();
  expect(runs).toBe(1);
  expect(channel?.current.data).toBeUndefined();
  end();
  await tick();
  await linger();
  expect(stream.aborted).toBe(true);
});

test("an effect that subscribes to it as a store does not run again", async () => {
  const { client, open, settle } = createWorld();
  const channel = useChannel(client, "a");
  const seen: unknown[] = [];
  let runs = 0;
  const end = effect(() => {
    runs++;
    return channel.subscribe(({ data }) => seen.push(data));
  });
  await tick();
  const stream = await open();
  for (const data of [1, 2]) {
    stream.push(event(data));
    await settle();
  }
  expect(seen.slice(-2)).toEqual([1, 2]);
  expect(runs).toBe(1);
  end();
});

test("an effect that writes state it does not read makes no loop", async () => {
  const { client, open, settle } = createWorld();
  const channel = useChannel(client, "a");
  const copy: { data?: unknown } = $state({});
  let runs = 0;
  const end = effect(() => {
    runs++;
    copy.data = channel.current.data;
  });
  await tick();
  const stream = await open();
  const before = runs;
  stream.push(event({ deep: 1 }));
  await settle();
  expect(runs).toBe(before + 1);
  expect(copy.data).toEqual({ deep: 1 });
  end();
});

test("reading in an effect that starts the connection does not throw, loop or write", async () => {
  const { client, harness, open, settle } = createWorld();
  const status = useReadable(client.status);
  const events = useSSE(client);
  const channel = useChannel(client, "a");
  const statuses: string[] = [];
  const shown = $derived(`${status.current.status} ${events.current.status} ${channel.current.loading}`);
  const end = effect(() => void statuses.push(shown));
  flushSync();
  await open();
  await settle();
  expect(statuses.at(-1)).toBe("open open false");
  expect(statuses.length).toBeLessThan(5);
  expect(harness.requests).toHaveLength(1);
  end();
});
