import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { createFetchHarness } from "../src/fetch-harness.ts";

const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

const openBody = async (init?: RequestInit) => {
  const harness = createFetchHarness();
  const pending = harness.fetch("/events", init);
  const request = await harness.nextRequest();
  request.respond();
  const response = await pending;
  return { harness, request, response, reader: response.body!.getReader() };
};

test("a request shows its url, method, headers and body", async () => {
  const { fetch, requests } = createFetchHarness();
  void fetch("/events?a=1", { headers: { "Last-Event-ID": "7" } });
  void fetch(new URL("http://x.test/a"), { method: "post", body: "hello" });
  void fetch(new Request("http://x.test/b", { headers: { a: "b" } }));
  expect(requests.map(({ url, method, body }) => [url, method, body])).toEqual([
    ["/events?a=1", "GET", null],
    ["http://x.test/a", "POST", "hello"],
    ["http://x.test/b", "GET", null],
  ]);
  expect(requests[0]?.headers.get("last-event-id")).toBe("7");
  expect(requests[2]?.headers.get("a")).toBe("b");
});

test("nextRequest gives each request once, whether asked before or after", async () => {
  const { fetch, nextRequest } = createFetchHarness();
  const early = nextRequest();
  void fetch("/1");
  void fetch("/2");
  void fetch("/3");
  expect([(await early).url, (await nextRequest()).url, (await nextRequest()).url]).toEqual(["/1", "/2", "/3"]);
});

test("respond opens a stream with status, headers and content type", async () => {
  const { fetch, nextRequest } = createFetchHarness();
  const pending = fetch("/events");
  const request = await nextRequest();
  request.respond({ status: 503, headers: { "retry-after": "5" }, contentType: "text/plain", url: "http://other/" });
  const response = await pending;
  expect([response.status, response.ok, response.url, response.redirected]).toEqual([
    503,
    false,
    "http://other/",
    true,
  ]);
  expect([...response.headers]).toEqual([
    ["content-type", "text/plain"],
    ["retry-after", "5"],
  ]);
});

test("the content type is that of an event stream unless told otherwise", async () => {
  const { fetch, nextRequest } = createFetchHarness();
  const typeOf = async (response: Parameters<Awaited<ReturnType<typeof nextRequest>>["respond"]>[0]) => {
    const pending = fetch("/events");
    (await nextRequest()).respond(response);
    return (await pending).headers.get("content-type");
  };
  expect(await typeOf({})).toBe("text/event-stream");
  expect(await typeOf({ contentType: null })).toBeNull();
  expect(await typeOf({ headers: { "Content-Type": "a/b" } })).toBe("a/b");
});

test("chunks arrive one by one, as pushed, empty ones too", async () => {
  const { request, reader } = await openBody();
  request.push("a");
  request.push(new Uint8Array());
  request.push(Uint8Array.of(0xff));
  expect(decode((await reader.read()).value)).toBe("a");
  expect((await reader.read()).value).toEqual(new Uint8Array());
  expect((await reader.read()).value).toEqual(Uint8Array.of(0xff));
});

test("a read that waits gets the next chunk", async () => {
  const { request, reader } = await openBody();
  const read = reader.read();
  request.push("late");
  expect(decode((await read).value)).toBe("late");
});

test("pushed bytes are copied", async () => {
  const { request, reader } = await openBody();
  const bytes = Buffer.from("abc");
  request.push(bytes);
  bytes.fill(0);
  expect(decode((await reader.read()).value)).toBe("abc");
});

test("end closes the body after what was pushed", async () => {
  const { harness, request, response, reader } = await openBody();
  expect(harness.openStreams).toBe(1);
  request.push("a");
  request.push("b");
  request.end();
  expect(harness.openStreams).toBe(0);
  reader.releaseLock();
  expect(await response.text()).toBe("ab");
});

test("breakBody breaks the body after what was pushed", async () => {
  const { harness, request, reader } = await openBody();
  request.push("a");
  request.breakBody();
  expect(harness.openStreams).toBe(0);
  expect(decode((await reader.read()).value)).toBe("a");
  await expect(reader.read()).rejects.toThrow(TypeError);
});

test("breakBody reaches a read that waits, with the given error", async () => {
  const { request, reader } = await openBody();
  const read = reader.read();
  const error = new Error("reset");
  request.breakBody(error);
  await expect(read).rejects.toBe(error);
});

test("fail rejects before any head", async () => {
  const { fetch, requests } = createFetchHarness();
  const first = fetch("/1");
  const second = fetch("/2");
  const error = new Error("unreachable");
  requests[0]?.fail();
  requests[1]?.fail(error);
  await expect(first).rejects.toThrow(new TypeError("fetch failed"));
  await expect(second).rejects.toBe(error);
});

test("a signal that aborted before makes no request", async () => {
  const { fetch, requests } = createFetchHarness();
  const reason = new Error("gone");
  await expect(fetch("/", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(requests).toEqual([]);
});

test("an abort before the head rejects with the signal's reason", async () => {
  const { fetch, nextRequest } = createFetchHarness();
  const controller = new AbortController();
  const pending = fetch("/", { signal: controller.signal });
  const request = await nextRequest();
  expect([request.signal, request.aborted]).toEqual([controller.signal, false]);
  controller.abort();
  expect(request.aborted).toBe(true);
  await expect(pending).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  request.respond();
  request.push("nobody listens");
  request.end();
  request.fail();
});

test("an abort during the body errors it, what was not read included", async () => {
  const controller = new AbortController();
  const { harness, request, reader } = await openBody({ signal: controller.signal });
  request.push("unread");
  const reason = new Error("gone");
  controller.abort(reason);
  expect([request.aborted, request.bodyCancelled, harness.openStreams]).toEqual([true, false, 0]);
  await expect(reader.read()).rejects.toBe(reason);
  request.push("nobody listens");
});

test("an abort reaches a read that waits", async () => {
  const controller = new AbortController();
  const { reader } = await openBody({ signal: controller.signal });
  const read = reader.read();
  controller.abort();
  await expect(read).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
});

test("an abort after the end changes nothing", async () => {
  const controller = new AbortController();
  const { request, reader } = await openBody({ signal: controller.signal });
  request.end();
  expect((await reader.read()).done).toBe(true);
  controller.abort();
  expect(request.aborted).toBe(false);
});

test("cancelling the body is seen, and later pushes go nowhere", async () => {
  const { harness, request, reader } = await openBody();
  const read = reader.read();
  await reader.cancel();
  expect((await read).done).toBe(true);
  expect([request.bodyCancelled, request.aborted, harness.openStreams]).toEqual([true, false, 0]);
  request.push("nobody listens");
  request.end();
});

test("no listener stays on the signal when the exchange is over", async () => {
  const { signal } = new AbortController();
  const listeners = () => getEventListeners(signal, "abort").length;

  const ended = await openBody({ signal });
  expect(listeners()).toBe(1);
  ended.request.end();
  await ended.reader.read();
  expect(listeners()).toBe(0);

  const broken = await openBody({ signal });
  broken.request.breakBody();
  await broken.reader.read().catch(() => {});
  expect(listeners()).toBe(0);

  await (await openBody({ signal })).reader.cancel();
  expect(listeners()).toBe(0);

  const { fetch, requests } = createFetchHarness();
  const failed = fetch("/", { signal });
  requests[0]?.fail();
  await failed.catch(() => {});
  const empty = fetch("/", { signal });
  requests[1]?.respond({ status: 204 });
  await empty;
  expect(listeners()).toBe(0);
});

test("a response without a body opens no stream", async () => {
  const harness = createFetchHarness();
  const pending = harness.fetch("/");
  const request = await harness.nextRequest();
  request.respond({ status: 204 });
  expect((await pending).body).toBeNull();
  expect(harness.openStreams).toBe(0);
  expect(() => request.push("a")).toThrow("push() after the response was over: GET /");
});

test("controls used in the wrong order say so", async () => {
  const harness = createFetchHarness();
  void harness.fetch("/events");
  const request = await harness.nextRequest();
  expect(() => request.push("a")).toThrow("push() before respond(): GET /events");
  expect(() => request.end()).toThrow("end() before respond()");
  expect(() => request.breakBody()).toThrow("breakBody() before respond()");
  request.respond();
  expect(() => request.respond()).toThrow("respond() after the request was answered");
  expect(() => request.fail()).toThrow("fail() after respond()");
  request.end();
  expect(() => request.push("a")).toThrow("push() after the response was over");
});

test("what real fetch refuses is refused", async () => {
  const { fetch, requests } = createFetchHarness();
  await expect(fetch("/", { headers: { "last-event-id": "\u20AC7" } })).rejects.toThrow(TypeError);
  await expect(fetch("/", { body: "a" })).rejects.toThrow(TypeError);
  expect(requests).toEqual([]);
});
