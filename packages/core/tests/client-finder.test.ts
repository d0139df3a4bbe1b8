import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { acquireClient, createClientFinder, createSSEClient, type SharedClientOptions } from "../src/index.ts";
import { createFakeSource } from "../src/testing/index.ts";

const noop = () => {};

beforeEach(() => {
  vi.stubGlobal("document", { baseURI: "https://host.test/page/" });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

let urls = 0;
/** A URL no other test has used, because clients are shared by URL. */
const freshUrl = () => `https://host.test/found-${++urls}`;

// SPEC 17
describe("a finder", () => {
  test("refuses what cannot be used and goes on from what it found last", async () => {
    const { environment, settle, advance, requests, leaks } = createFakeSource();
    const find = createClientFinder();
    const url = freshUrl();
    const refusal = expect.objectContaining({ code: "invalid-option", option: "url" });
    expect(() => find("ws://host.test/x", { environment })).toThrow(refusal);
    const found = find(url, { environment });
    const end = found.view.subscribe(noop);
    await settle();
    expect(() => find("ws://host.test/x", { environment })).toThrow(refusal);
    expect(find(url, { environment })).toBe(found);
    end();
    await advance(1_100);
    expect(requests).toHaveLength(1);
    expect(leaks()).toEqual({ timers: 0, listeners: 0, flushes: 0, streams: 0 });
  });

  test("returns the same for the same text of a URL and the same key, and something else for any other", () => {
    const find = createClientFinder();
    const url = freshUrl();
    const found = find(url);
    expect(find(new URL(url))).toBe(found);
    expect(find(url, { key: "" })).toBe(found);
    for (const key of ["ann", "undefined", "null"]) {
      const { client } = find(url, { key });
      expect(client).not.toBe(found.client);
      expect(find(url, { key }).client).toBe(client);
    }
    expect(find(freshUrl()).client).not.toBe(found.client);
    expect(find(url).client).toBe(found.client);
  });

  test("finds the client that others have of its URL by now, when its own was retained by nobody for a while", async () => {
    const { environment, settle, advance, requests } = createFakeSource();
    const url = freshUrl();
    const find = createClientFinder();
    const end = find(url, { environment }).view.subscribe(noop);
    await settle();
    end();
    await advance(1_100);
    // Alone, it takes up its own again.
    const own = find(url, { environment });
    const other = createClientFinder()(url, { environment });
    expect(other).not.toBe(own);
    other.view.subscribe(noop);
    await settle();
    const found = find(url, { environment });
    expect(found.client).toBe(other.client);
    expect(find(url, { environment })).toBe(found);
    found.view.subscribe(noop);
    await settle();
    expect(requests).toHaveLength(2);
  });

  test("does not take a URL and a key for another URL and another key", () => {
    const find = createClientFinder();
    const url = freshUrl();
    for (const space of [" ", "\n", ","]) {
      const { client } = find(`${url}${space}b`, { key: "c" });
      expect(find(url, { key: `b${space}c` }).client).not.toBe(client);
    }
  });

  test("finds what others have found by the same URL", () => {
    const url = freshUrl();
    const { client } = createClientFinder()(url);
    expect(createClientFinder()(url).client).toBe(client);
    expect(acquireClient(url).client).toBe(client);
  });

  test("finds a client of its own where there is no page, and keeps to it", () => {
    vi.stubGlobal("document", undefined);
    const [first, second] = [createClientFinder(), createClientFinder()];
    for (const url of ["/relative", freshUrl()]) {
      expect(first(url).client).not.toBe(second(url).client);
      expect(first(url)).toBe(first(url));
    }
  });

  test("subscribing to what is found by a URL keeps it open; leaving closes it after the linger time", async () => {
    const { environment, open, advance, settle, requests, leaks } = createFakeSource();
    const { view } = createClientFinder()(freshUrl(), { environment });
    await settle();
    expect(requests).toHaveLength(0);
    const ends = [view.subscribe(noop), view.subscribe(noop)];
    await open();
    expect(view.get().status).toBe("open");
    ends[0]?.();
    ends[0]?.();
    await advance(1_100);
    expect(leaks().streams).toBe(1);
    ends[1]?.();
    await advance(900);
    expect(leaks().streams).toBe(1);
    await advance(200);
    expect(view.get().status).toBe("idle");
    expect(leaks()).toEqual({ timers: 0, listeners: 0, flushes: 0, streams: 0 });
  });

  test("tells of changes until the subscription ends", async () => {
    const { environment, open, emit } = createFakeSource();
    const { view } = createClientFinder()(freshUrl(), { environment });
    const onChange = vi.fn();
    const end = view.subscribe(onChange);
    expect(onChange).not.toHaveBeenCalled();
    await open();
    onChange.mockClear();
    await emit("message", 1);
    expect(onChange).toHaveBeenCalledOnce();
    expect(view.get().data).toBe(1);
    expect(view.getServer()).toMatchObject({ status: "idle", data: undefined });
    end();
    await emit("message", 2);
    expect(onChange).toHaveBeenCalledOnce();
  });

  test("passes a client on as it is: subscribing only observes, and options do nothing to it", async () => {
    const { environment, open, advance, settle, requests } = createFakeSource();
    const client = createSSEClient({ url: freshUrl(), environment, headers: { a: "own" } });
    const find = createClientFinder();
    const found = find(client, { headers: { a: "other" } });
    expect(found).toEqual({ client, view: client.view });
    expect(find(client)).toBe(found);
    const end = found.view.subscribe(noop);
    await settle();
    expect(requests).toHaveLength(0);
    client.channel("a").on(noop)();
    await open();
    expect(requests[0]?.headers.get("a")).toBe("own");
    await advance(1_100);
    expect(client.status.get().status).toBe("idle");
    end();
  });

  test("goes from a URL to a client and back", () => {
    const { environment } = createFakeSource();
    const client = createSSEClient({ url: freshUrl(), environment });
    const find = createClientFinder();
    const url = freshUrl();
    const byUrl = find(url, { environment }).client;
    expect(find(client).client).toBe(client);
    expect(find(url, { environment }).client).toBe(byUrl);
    const other = createSSEClient({ url, environment });
    expect(find(other).client).toBe(other);
  });

  test("the next request has the options of the last call, of whichever finder", async () => {
    const { environment, settle, requests } = createFakeSource();
    const url = freshUrl();
    const [first, second] = [createClientFinder(), createClientFinder()];
    const ask = async (find: typeof first, options: SharedClientOptions) => {
      find(url, { environment, ...options }).client.reconnect();
      await settle();
    };
    await ask(first, { headers: { a: "1" }, query: { q: "1" } });
    await ask(first, { headers: () => ({ a: "2" }) });
    await ask(second, { headers: { a: "3" } });
    await ask(second, {});
    await ask(first, { headers: { a: "4" } });
    expect(requests.map(({ headers }) => headers.get("a"))).toEqual(["1", "2", "3", null, "4"]);
    expect(requests.map((request) => new URL(request.url).searchParams.get("q"))).toEqual([
      "1",
      ...Array(4).fill(null),
    ]);
    first(url).client.close();
  });

  test("options for another URL, or with a client, do not reach the one before it", async () => {
    const { environment, settle, requests } = createFakeSource();
    const find = createClientFinder();
    const { client } = find(freshUrl(), { environment, headers: { a: "1" } });
    find(createSSEClient({ url: freshUrl(), environment }), { headers: { a: "2" } });
    find(freshUrl(), { environment, headers: { a: "3" } });
    client.connect();
    await settle();
    expect(requests.map(({ headers }) => headers.get("a"))).toEqual(["1"]);
    client.close();
  });
});
