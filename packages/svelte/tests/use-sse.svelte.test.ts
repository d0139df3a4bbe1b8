import { render } from "@testing-library/svelte";
import { tick } from "svelte";
import { expect, test } from "vitest";
import { acquireClient, createSSEClient, type SSEClient, useChannel, useSSE } from "../src/index.js";
import Live from "./live.svelte";
import { createWorld, event, freshUrl } from "./world.js";

test("another URL shows at once on read, before anything has rendered", async () => {
  const { environment, open, settle } = createWorld();
  const [before, after] = [freshUrl(), freshUrl()];
  let url = $state(before);
  let events: ReturnType<typeof useSSE> | undefined;
  render(Live, {
    setup() {
      const own = useSSE(() => url, { environment });
      events = own;
      return () => own.current.data;
    },
  });
  (await open()).push("data: 1\n\n");
  await settle();
  expect(events?.current.data).toBe(1);
  const { client } = events!;
  url = after;
  expect(events?.current).toMatchObject({ data: undefined, messages: [] });
  expect(events?.client).not.toBe(client);
  url = before;
  expect(events?.current.data).toBe(1);
  expect(events?.client).toBe(client);
});

test("URL and key that change together make one new connection, and the old one ends", async () => {
  const { environment, harness, open, linger } = createWorld();
  const urls = [freshUrl(), freshUrl()] as const;
  let url: string = $state(urls[0]);
  let key = $state("ann");
  render(Live, {
    setup() {
      const events = useSSE(
        () => url,
        () => ({ environment, key, headers: { user: key } }),
      );
      return () => events.current.status;
    },
  });
  const old = await open();
  url = urls[1];
  key = "bob";
  await tick();
  const next = await open();
  await linger();
  expect(harness.requests.map((request) => [request.url, request.headers.get("user")])).toEqual([
    [urls[0], "ann"],
    [urls[1], "bob"],
  ]);
  expect([old.aborted, next.aborted]).toEqual([true, false]);
});

test("another client and another name show at once, and events of the old ones are ignored", async () => {
  const { environment, client: first, open, settle, linger } = createWorld();
  const second = createSSEClient({ url: freshUrl(), environment });
  // A channel is kept from when it is first asked for.
  first.channel("b");
  let client = $state.raw<SSEClient>(first);
  let name = $state("a");
  let runs = 0;
  const { container } = render(Live, {
    setup() {
      const channel = useChannel(
        () => client,
        () => name,
      );
      return () => {
        runs++;
        return String(channel.current.history.map(({ data }) => data));
      };
    },
  });
  const old = await open();
  old.push(event(1) + event(2, "b"));
  await settle();
  expect(container.textContent).toBe("1");
  name = "b";
  await tick();
  expect(container.textContent).toBe("2");
  client = second;
  await tick();
  expect(container.textContent).toBe("");
  const next = await open();
  const before = runs;
  old.push(event(3, "b"));
  next.push(event(3));
  await settle();
  expect(runs).toBe(before);
  next.push(event(4, "b"));
  await settle();
  expect(container.textContent).toBe("4");
  await linger();
  expect([old.aborted, next.aborted]).toEqual([true, false]);
});

test("changed headers go with the next request, and removed ones do not", async () => {
  const { environment, open } = createWorld();
  let headers = $state.raw<Record<string, string> | undefined>({ user: "ann" });
  let events: ReturnType<typeof useSSE> | undefined;
  const source = freshUrl();
  render(Live, {
    setup() {
      const own = useSSE(source, () => ({ environment, ...(headers && { headers }) }));
      events = own;
      return () => own.current.status;
    },
  });
  const seen = [(await open()).headers.get("user")];
  for (const next of [{ user: "bob" }, undefined]) {
    headers = next;
    events?.reconnect();
    seen.push((await open()).headers.get("user"));
  }
  expect(seen).toEqual(["ann", "bob", null]);
});

test("a message does not bring back what another component had given before", async () => {
  const { environment, open, settle } = createWorld();
  const source = freshUrl();
  let user = $state("ann");
  const setup = (getUser: () => string) => () => {
    const events = useSSE(source, () => ({ environment, headers: { user: getUser() } }));
    return () => events.current.data;
  };
  const { container } = render(Live, { setup: setup(() => user) });
  const stream = await open();
  render(Live, { setup: setup(() => "of before") });
  user = "bob";
  await tick();
  stream.push("data: 1\n\n");
  await settle();
  expect(container.textContent).toContain("1");
  acquireClient(source, { environment }).client.reconnect();
  expect((await open()).headers.get("user")).toBe("bob");
});

test("functions among static options read state when they are called", async () => {
  const { environment, open } = createWorld();
  let user = $state("ann");
  let events: ReturnType<typeof useSSE> | undefined;
  render(Live, {
    setup() {
      const own = useSSE(freshUrl(), { environment, headers: () => ({ user }) });
      events = own;
      return () => own.current.status;
    },
  });
  const seen = [(await open()).headers.get("user")];
  user = "bob";
  events?.reconnect();
  seen.push((await open()).headers.get("user"));
  expect(seen).toEqual(["ann", "bob"]);
});

test("a URL given as an object is the same URL whenever the getter makes it anew", async () => {
  const { environment, harness, open, linger } = createWorld();
  const source = freshUrl();
  // What the getter reads changes; the URL does not.
  let end = $state("");
  render(Live, {
    setup() {
      const events = useSSE(() => new URL(source.slice(0, source.length - end.length) + end), { environment });
      return () => events.current.status;
    },
  });
  const stream = await open();
  for (let count = 1; count < 4; count++) {
    end = source.slice(-count);
    await tick();
  }
  await linger();
  expect(harness.requests).toHaveLength(1);
  expect(stream.aborted).toBe(false);
});
