import { tick } from "svelte";
import { derived, get } from "svelte/store";
import { expect, test } from "vitest";
import { useChannel, useSSE } from "../src/index.js";
import { createWorld, event, freshUrl, nothing } from "./world.js";

test("a subscriber is called at once, then for each flush, and the last one that leaves closes after the linger time", async () => {
  const { client, environment, open, settle, linger } = createWorld();
  const channel = useChannel(client, "a");
  const seen: unknown[] = [];
  const end = channel.subscribe(({ data }) => seen.push(data));
  expect(seen).toEqual([undefined]);
  const stream = await open();
  seen.length = 0;
  stream.push(event(1) + event(2));
  await settle();
  stream.push(event(2));
  await settle();
  expect(seen).toEqual([2, 2]);
  end();
  stream.push(event(3));
  await settle();
  expect(seen).toEqual([2, 2]);
  expect(stream.aborted).toBe(false);
  await linger();
  expect(stream.aborted).toBe(true);
  expect(environment.leaks()).toEqual(nothing);
});

test("subscribing again begins with what is known and resumes", async () => {
  const { client, open, settle, linger } = createWorld();
  const channel = useChannel(client, "a");
  const end = channel.subscribe(() => {});
  (await open()).push(`id: 7\n${event(1)}`);
  await settle();
  end();
  await linger();
  const seen: unknown[] = [];
  const endAgain = channel.subscribe(({ data }) => seen.push(data));
  expect(seen).toEqual([1]);
  expect((await open()).headers.get("last-event-id")).toBe("7");
  endAgain();
});

test("subscribers share one connection, which lasts until the last of them leaves", async () => {
  const { environment, harness, open, linger } = createWorld();
  const source = freshUrl();
  const ends = [0, 1].flatMap(() => {
    const events = useSSE(source, { environment });
    return [events.subscribe(() => {}), events.subscribe(() => {})];
  });
  const stream = await open();
  for (const [index, end] of ends.entries()) {
    end();
    await linger();
    expect(stream.aborted).toBe(index === 3);
  }
  expect(harness.requests).toHaveLength(1);
});

test("get() shows what is now and opens nothing that lasts", async () => {
  const { client, environment, open, settle, linger } = createWorld();
  const channel = useChannel(client, "a");
  const view = get(channel);
  expect(view.data).toBeUndefined();
  await tick();
  await linger();
  expect(client.status.get().status).toBe("idle");
  expect(environment.leaks()).toEqual(nothing);
  const end = client.retain();
  const request = await open();
  const stream = request.aborted ? await open() : request;
  for (const data of [1, 2]) {
    stream.push(event(data));
    await settle();
    expect(get(channel).data).toBe(data);
  }
  end();
});

test("a derived store follows, and closes when its subscribers have left", async () => {
  const { client, open, settle, linger } = createWorld();
  const channel = useChannel(client, "a", (data) => Number(data) * 2);
  const doubled = derived([channel, useSSE(client)], ([{ data }, { status }]) => `${data} ${status}`);
  const seen: unknown[] = [];
  const end = doubled.subscribe((value) => seen.push(value));
  const stream = await open();
  stream.push(event(4));
  await settle();
  expect(seen.at(-1)).toBe("8 open");
  end();
  await linger();
  expect(stream.aborted).toBe(true);
  expect(get(doubled)).toMatch(/^8 /);
  await linger();
  expect(client.status.get().status).toBe("idle");
});

test("a subscriber with a selector is called when what it takes changes", async () => {
  const { client, open, settle } = createWorld();
  const channel = useChannel(client, "a", (data) => Number(data) > 10);
  let calls = 0;
  const end = channel.subscribe(() => calls++);
  const stream = await open();
  stream.push(event(1));
  await settle();
  const before = calls;
  for (const data of [2, 3, 4]) {
    stream.push(event(data));
    await settle();
  }
  expect(calls).toBe(before);
  stream.push(event(11));
  await settle();
  expect(calls).toBe(before + 1);
  end();
});

test("a subscriber that leaves while it is called silences no other", async () => {
  const { client, open, settle } = createWorld();
  const channel = useChannel(client, "a");
  const seen: unknown[] = [];
  const end = channel.subscribe(({ data }) => {
    if (data === 1) end();
  });
  const endOther = channel.subscribe(({ data }) => seen.push(data));
  const stream = await open();
  for (const data of [1, 2]) {
    stream.push(event(data));
    await settle();
  }
  expect(seen.slice(-2)).toEqual([1, 2]);
  endOther();
});
