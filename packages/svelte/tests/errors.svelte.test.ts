import { render } from "@testing-library/svelte";
import { tick } from "svelte";
import { expect, test } from "vitest";
import { createSSEClient, defineChannels, type SSEClient, type, useChannel, useSSE } from "../src/index.js";
import Failing from "./failing.svelte";
import { createWorld, event, freshUrl } from "./world.js";

const unknownChannel = expect.objectContaining({ code: "unknown-channel" });
const invalidUrl = expect.objectContaining({ code: "invalid-option", option: "url" });

function createTyped() {
  const world = createWorld();
  const channels = defineChannels({ a: type<number>(), b: type<number>() });
  return { ...world, client: createSSEClient({ url: freshUrl(), environment: world.environment, channels }) };
}

test("a URL that cannot be used is thrown at the call", () => {
  expect(() => useSSE("ws://host.test/x")).toThrow(invalidUrl);
  expect(() => useSSE(() => "ws://host.test/x")).toThrow(invalidUrl);
});

test("an option that cannot be used is thrown at the call", () => {
  expect(() => useSSE(freshUrl(), { lingerMs: -1 })).toThrow(expect.objectContaining({ code: "invalid-option" }));
});

test("an unknown channel is thrown at the call", () => {
  const { client } = createTyped();
  const loose = client as unknown as SSEClient;
  expect(() => useChannel(loose, "c")).toThrow(unknownChannel);
  expect(() => useChannel(loose, () => "c")).toThrow(unknownChannel);
});

test("a name that becomes unknown is an error of the component that reads it, which then needs no connection", async () => {
  const { client, open, settle, linger } = createTyped();
  let name: string = $state("a");
  const errors: unknown[] = [];
  const { container } = render(Failing, {
    onerror: (error) => void errors.push(error),
    setup() {
      const channel = useChannel(client as unknown as SSEClient, () => name);
      return () => channel.current.data;
    },
  });
  const stream = await open();
  stream.push(event(1));
  await settle();
  expect(container.textContent).toContain("1");
  name = "c";
  await tick();
  expect(errors).toContainEqual(unknownChannel);
  expect(container.textContent).not.toContain("1");
  await linger();
  expect(stream.aborted).toBe(true);
});

test("one selector that throws takes down neither its neighbours nor the connection", async () => {
  const { client, open, settle } = createTyped();
  const errors: unknown[] = [];
  render(Failing, {
    onerror: (error) => void errors.push(error),
    setup() {
      const channel = useChannel(client, "a", (data) => {
        if (data === 2) throw new Error("not two");
        return data;
      });
      return () => channel.current.data;
    },
  });
  const sound = render(Failing, {
    setup() {
      const channel = useChannel(client, "a");
      return () => channel.current.data;
    },
  });
  const stream = await open();
  for (const data of [1, 2, 3]) {
    stream.push(event(data));
    await settle();
  }
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining("not two") })]);
  expect(sound.container.textContent).toContain("3");
});

test("an effect that reads on after a failure shows the next value that can be read", async () => {
  const { client, open, settle } = createTyped();
  const channel = useChannel(client, "a", (data) => {
    if (data === 2) throw new Error("not two");
    return data;
  });
  const seen: unknown[] = [];
  const end = $effect.root(() => {
    $effect(() => {
      try {
        seen.push(channel.current.data);
      } catch (error) {
        seen.push((error as Error).message);
      }
    });
  });
  await tick();
  const stream = await open();
  for (const data of [1, 2, 3]) {
    stream.push(event(data));
    await settle();
  }
  expect(seen.slice(-3)).toEqual([1, "not two", 3]);
  end();
});

test("a final error shows, and connecting again clears it", async () => {
  const { environment, harness, settle, open } = createTyped();
  const source = freshUrl();
  let events: ReturnType<typeof useSSE> | undefined;
  const { container } = render(Failing, {
    setup() {
      const own = useSSE(source, { environment });
      events = own;
      return () => `${own.current.status} ${own.current.error?.code}`;
    },
  });
  const request = await harness.nextRequest();
  request.respond({ status: 404 });
  request.end();
  await settle();
  expect(container.textContent).toContain("closed http");
  events?.connect();
  await open();
  expect(container.textContent).toContain("open undefined");
});
