import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";
import { describe, expect, test, vi } from "vitest";
import { type ClientOptions, createSSEClient, type RequestContext } from "../src/index.ts";
import { createTestClient } from "./support/test-client.ts";

const noop = () => {};

/** The first request of a client that listens to "message". */
async function firstRequest(options: Partial<ClientOptions>) {
  const { client, open } = createTestClient(options);
  client.channel("message").on(noop);
  return open();
}

const values = {
  url: "http://host.test/other",
  query: { room: "1" },
  headers: { "x-name": "1" },
  method: "PUT",
  body: "text",
} as const satisfies Partial<ClientOptions>;
type Name = keyof typeof values;
const names = Object.keys(values) as Name[];
/** What the server sees of it. */
const seen: { readonly [N in Name]: (request: Awaited<ReturnType<typeof firstRequest>>) => unknown } = {
  url: ({ url }) => url,
  query: ({ url }) => Object.fromEntries(new URL(url).searchParams),
  headers: ({ headers }) => ({ "x-name": headers.get("x-name") }),
  method: ({ method }) => method,
  body: ({ body }) => body,
};

// SPEC 6
describe.each(names)("%s", (name) => {
  // A body is not for GET.
  const rest: Partial<ClientOptions> = name === "body" ? { method: "POST" } : {};
  const given = (value: unknown) => firstRequest({ ...rest, [name]: value } as Partial<ClientOptions>);

  test("may be a value, a function, and an asynchronous function", async () => {
    for (const value of [values[name], () => values[name], async () => values[name]])
      expect(seen[name](await given(value))).toEqual(values[name]);
  });

  test("as a function it is asked for every attempt and told of its circumstances", async () => {
    const contexts: RequestContext[] = [];
    const { client, environment, open, settle } = createTestClient({
      ...rest,
      [name]: (context: RequestContext) => {
        contexts.push(context);
        return values[name];
      },
    });
    environment.setRandom(0);
    client.channel("message").on(noop);
    const first = await open();
    first.push("id: 5\ndata: 1\n\n");
    first.end();
    await settle();
    await environment.clock.advanceAsync(0);
    expect(contexts).toMatchObject([
      { attempt: 0, cause: null, lastEventId: "" },
      { attempt: 1, cause: { code: "ended" }, lastEventId: "5" },
    ]);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  test.each([
    ["throws", () => Promise.reject(new Error("not yet"))],
    [
      "throws at once",
      () => {
        throw new Error("not yet");
      },
    ],
  ])("one that %s is a failed attempt, which is reported and tried again", async (_, broken) => {
    const onError = vi.fn();
    const answers: (() => unknown)[] = [broken, () => values[name]];
    const { client, environment, open, settle } = createTestClient({
      ...rest,
      [name]: () => answers.shift()!(),
      onError,
    });
    environment.setRandom(0);
    client.channel("message").on(noop);
    await settle();
    expect(onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: "request", cause: new Error("not yet") }),
    );
    expect(client.status.get()).toMatchObject({ status: "reconnecting", attempt: 1 });
    await environment.clock.advanceAsync(0);
    await open();
    expect(client.status.get().status).toBe("open");
  });

  test("one that answers after the client was closed makes no request", async () => {
    let answer: (value: unknown) => void = noop;
    const { client, harness, settle } = createTestClient({
      ...rest,
      [name]: () => new Promise((resolve) => (answer = resolve)),
    });
    client.channel("message").on(noop);
    client.close();
    answer(values[name]);
    await settle();
    expect(harness.requests).toHaveLength(0);
  });
});

// SPEC 6
test("a function that closes the client is the last thing that happens", async () => {
  const { client, harness, environment, settle } = createTestClient({
    url: () => {
      client.close();
      return "http://host.test/events";
    },
  });
  client.channel("a").on(noop);
  await settle();
  expect(client.status.get()).toMatchObject({ status: "closed", reason: "user" });
  expect(harness.requests).toHaveLength(0);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
});

// SPEC 6
test("a listener to the signal that reconnects leaves one request under way", async () => {
  let once = true;
  const { client, environment, harness, settle } = createTestClient({
    headers: ({ signal }) => {
      if (once) signal.addEventListener("abort", () => client.connect());
      once = false;
      return {};
    },
  });
  client.channel("a").on(noop);
  await settle();
  client.disconnect();
  await settle();
  expect(harness.requests.filter(({ aborted }) => !aborted)).toHaveLength(1);
  client.disconnect();
  await settle();
  expect(harness.requests.every(({ aborted }) => aborted)).toBe(true);
  expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
});

// SPEC 8
describe("the address", () => {
  const position = { resumeBy: "query" } as const;
  const addressOf = async (options: Partial<ClientOptions>, id = "") => {
    const { client, open, settle } = createTestClient(options);
    client.channel("message").on(noop);
    const first = await open();
    if (!id) return first.url;
    first.push(`id: ${id}\ndata: 1\n\n`);
    await settle();
    client.reconnect();
    const second = await open();
    expect(second.headers.has("last-event-id")).toBe(options.resumeBy !== "query");
    return second.url;
  };

  test.each([
    "http://host.test/events",
    "/events?flag&sign=a%20b~(c)%2F&x=1#part",
    "events",
    "?x=1",
    "#part",
    new URL("http://host.test/a?b"),
  ])("is sent as it was given: %s", async (url) => {
    expect(await addressOf({ url })).toBe(`${url}`);
    expect(await addressOf({ url, resumeBy: "query", query: () => undefined })).toBe(`${url}`);
  });

  test.each([
    ["/events", { room: "1" }, "/events?room=1"],
    ["/events?x=1#part", { room: "a b&c" }, "/events?x=1&room=a+b%26c#part"],
    ["/events?room=0&room=2", { room: "1" }, "/events?room=1"],
    ["events#a?b", { room: "1" }, "events?room=1#a?b"],
  ])("%s gets the query %j before its hash", async (url, query, expected) => {
    expect(await addressOf({ url, query })).toBe(expected);
  });

  test("carries the position where that is asked for, in place of one that is there, and then no header does", async () => {
    expect(await addressOf(position, "7")).toBe("http://host.test/events?lastEventId=7");
    expect(await addressOf({ ...position, url: "/events?lastEventId=3&lastEventId=4&x=1#part" }, "7")).toBe(
      "/events?lastEventId=7&x=1#part",
    );
    expect(await addressOf({ ...position, query: { lastEventId: "3" } }, "€7")).toBe(
      "http://host.test/events?lastEventId=%E2%82%AC7",
    );
    expect(await addressOf({}, "7")).toBe("http://host.test/events");
  });
});

// SPEC 8
describe("headers", () => {
  test("the position goes as UTF-8, one character per byte", async () => {
    const { client, open, settle } = createTestClient();
    client.channel("message").on(noop);
    (await open()).push("id: €7\n\n");
    await settle();
    client.reconnect();
    expect((await open()).headers.get("last-event-id")).toBe("\u00E2\u0082\u00AC7");
  });

  test("the client's own replace those of a user, however spelt", async () => {
    const { client, open, settle } = createTestClient({ headers: { "Last-Event-ID": "3", Accept: "text/html" } });
    client.channel("message").on(noop);
    const first = await open();
    expect(first.headers.get("accept")).toBe("text/event-stream");
    expect(first.headers.get("last-event-id")).toBe("3");
    first.push("id: 4\n\n");
    await settle();
    client.reconnect();
    expect((await open()).headers.get("last-event-id")).toBe("4");
  });

  test.each([
    [true, "include"],
    [false, "same-origin"],
    [undefined, "same-origin"],
  ])("withCredentials: %s sends cookies as %s, and nothing is cached", async (withCredentials, credentials) => {
    const harness = createFetchHarness();
    const inits: RequestInit[] = [];
    const environment = createFakeEnvironment({
      fetch: (input, init) => {
        inits.push(init!);
        return harness.fetch(input, init);
      },
    });
    const client = createSSEClient({ url: "http://host.test/", environment, withCredentials });
    client.connect();
    await harness.nextRequest();
    expect(inits).toMatchObject([{ credentials, cache: "no-store" }]);
    client.close();
  });
});
