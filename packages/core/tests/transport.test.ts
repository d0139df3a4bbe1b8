import { createFakeEnvironment } from "test-kit/fake-environment";
import {
  type Exchange,
  type ExchangeHandler,
  type ScriptedServer,
  startScriptedServer,
} from "test-kit/scripted-server";
import { createRecorder, until } from "test-kit/until";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ClientOptions, createSSEClient, SSEError } from "../src/index.ts";

/*
 * What HTTP can do to a stream, on real sockets. Time is the test's: a delay is observed and then skipped.
 */

const midnight = Date.UTC(2026, 0, 1);

let server: ScriptedServer;
let clients: { close(): void }[];
beforeEach(async () => {
  server = await startScriptedServer();
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  await server.close();
});

/** Plays the handlers in turn, one per request; the last one answers all further requests. */
function script(path: string, ...handlers: ExchangeHandler[]) {
  server.on(path, (exchange) => handlers[Math.min(exchange.visit, handlers.length) - 1]?.(exchange));
}

const status =
  (code: number, headers: Record<string, string> = {}, body = ""): ExchangeHandler =>
  ({ response }) =>
    void response.writeHead(code, headers).end(body);

/** An open stream that begins with the text. */
const stream =
  (text = ""): ExchangeHandler =>
  async ({ sse, write }) => {
    sse();
    await write(text);
  };

/** A client that listens to "message" and connects without jitter. */
function connect(path = "/events", options: Partial<ClientOptions> = {}) {
  const environment = createFakeEnvironment({ fetch: globalThis.fetch, start: midnight });
  environment.setRandom(0);
  const errors: SSEError[] = [];
  const url = `${server.url}${path}`;
  const client = createSSEClient({ url, environment, onError: (error) => errors.push(error), ...options });
  clients.push(client);
  const received = createRecorder<unknown>();
  const stop = client.channel("message").on(({ data }) => received.add(data));
  const { clock } = environment;
  return {
    client,
    environment,
    errors,
    received,
    stop,
    opened: () => until(client.status, ({ status }) => status === "open"),
    closed: () => until(client.status, ({ status }) => status === "closed"),
    /** The client has failed and waits. */
    waiting: () => until(client.status, ({ nextRetryAt }) => nextRetryAt !== null),
    got: (count: number) => until(received, ({ length }) => length >= count),
    /** Skips the delay of a waiting client and says how long it was. */
    skip() {
      const { nextRetryAt } = client.status.get();
      if (nextRetryAt === null) throw new Error("the client does not wait");
      const waitMs = nextRetryAt - clock.now();
      clock.advance(waitMs);
      return waitMs;
    },
  };
}

/** Resolves when the server has seen the response's connection go. */
function seenGone({ signal }: Exchange): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The handler, and its first exchange once there is one. */
function watched(handler: ExchangeHandler): [handler: ExchangeHandler, exchange: Promise<Exchange>] {
  let found: (exchange: Exchange) => void;
  const exchange = new Promise<Exchange>((resolve) => (found = resolve));
  return [
    (current) => {
      found(current);
      return handler(current);
    },
    exchange,
  ];
}

// SPEC 21
describe("content type", () => {
  test.each([
    "text/event-stream",
    "text/event-stream;charset=utf-8",
    "text/event-stream; charset=UTF-8",
    "Text/Event-Stream ; charset=UTF-8",
    "TEXT/EVENT-STREAM",
    "  text/event-stream  ",
    "text/event-stream;",
  ])("%j is an event stream", async (type) => {
    script("/events", async ({ response }) => {
      response.writeHead(200, { "content-type": type });
      response.write("data: 1\n\n");
    });
    const { received, got } = connect();
    await got(1);
    expect(received.items).toEqual([1]);
  });

  test.each([
    ["text/event-streamx"],
    ["text/event-stream-json"],
    ["xtext/event-stream"],
    ["text/event-stream, text/html"],
    ["text/html; x=text/event-stream"],
    ["text/plain"],
    ["application/json"],
    [undefined],
  ])("%j is none and closes the connection with the status and the type", async (type) => {
    script("/events", status(200, type === undefined ? {} : { "content-type": type }, "data: 1\n\n"));
    const { closed, errors, environment, received } = connect();
    const { reason, cause } = await closed();
    expect({ reason, code: cause?.code, status: cause?.status, body: cause?.body }).toEqual({
      reason: "error",
      code: "content-type",
      status: 200,
      body: "data: 1\n\n",
    });
    expect(cause?.message).toContain(type ?? "null");
    expect(errors).toEqual([cause]);
    expect(received.items).toEqual([]);
    expect({ timers: environment.clock.pending, requests: server.requests.length }).toEqual({ timers: 0, requests: 1 });
  });

  test("the excerpt of a long page ends after 200 characters", async () => {
    const page = `<!doctype html>${"\u00E9\u20AC\u{1F600}".repeat(20_000)}`;
    script("/events", status(200, { "content-type": "text/html" }, page));
    const { cause } = await connect().closed();
    expect(cause?.body).toBe(page.slice(0, 200));
  });
});

// SPEC 20, 21
describe("statuses", () => {
  /** What became of the client, and what it has under way. */
  async function refusalOf(handler: ExchangeHandler) {
    script("/events", handler);
    const { client, environment, waiting, closed, errors } = connect();
    await Promise.race([waiting(), closed()]);
    const { status, reason, cause, attempt, nextRetryAt } = client.status.get();
    const waitMs = nextRetryAt && nextRetryAt - environment.now();
    expect(errors).toEqual([cause]);
    return { status, reason, code: cause?.code, http: cause?.status, attempt, waitMs };
  }

  test("204 closes without another request", async () => {
    const expected = { status: "closed", reason: "server", code: "http", http: 204, waitMs: null };
    expect(await refusalOf(status(204))).toMatchObject(expected);
  });

  test.each([201, 202, 203, 206, 304, 400, 404, 405, 406, 410, 422, 451])(
    "%i is final, even with the right content type",
    async (code) => {
      const expected = { status: "closed", reason: "error", code: "http", http: code, waitMs: null };
      expect(await refusalOf(status(code, { "content-type": "text/event-stream" }))).toMatchObject(expected);
    },
  );

  test.each([408, 425, 429, 500, 502, 503, 504, 599])("%i is retried", async (code) => {
    const expected = { status: "reconnecting", reason: null, code: "http", http: code, attempt: 1, waitMs: 0 };
    expect(await refusalOf(status(code, { "content-type": "text/event-stream" }))).toEqual(expected);
  });

  test.each([401, 403])("%i without onUnauthorized is final", async (code) => {
    const expected = { status: "closed", reason: "unauthorized", code: "unauthorized", http: code, waitMs: null };
    expect(await refusalOf(status(code))).toMatchObject(expected);
  });

  test("a body of text is quoted", async () => {
    script("/events", status(404, { "content-type": "application/json" }, '{"error":"no such stream"}'));
    expect((await connect().closed()).cause?.body).toBe('{"error":"no such stream"}');
  });

  test("a 500 is survived on the first request and on a later one", async () => {
    const [failing, good] = [status(500), stream("id: 1\ndata: 1\n\n")];
    script("/events", failing, failing, good);
    const { client, waiting, skip, got, environment } = connect();
    for (const attempt of [1, 2]) {
      expect((await waiting()).attempt).toBe(attempt);
      skip();
    }
    await got(1);
    script("/events", failing);
    client.reconnect();
    await waiting();
    script("/events", good);
    skip();
    await got(2);
    environment.flush();
    expect(client.status.get()).toMatchObject({ status: "open", attempt: 0, cause: null });
  });

  test("attempts in a row spread ever wider, up to the cap", async () => {
    script("/events", status(500));
    const { environment, waiting, skip, client } = connect();
    environment.setRandom(0.999_999);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt++) {
      await until(client.status, (state) => state.attempt === attempt && state.nextRetryAt !== null);
      await waiting();
      waits.push(Math.round(skip() / 1_000));
    }
    expect(waits).toEqual([2, 4, 8, 16, 30, 30, 30]);
  });
});

// SPEC 22
describe("credentials", () => {
  test("a 401 is met with one refresh; the next request has the new token and the position", async () => {
    let token = "old";
    const refreshes: unknown[] = [];
    script("/events", async (exchange) => {
      if (exchange.header("authorization") !== `Bearer ${token}`) return status(401)(exchange);
      if (exchange.visit > 1) return stream("id: 8\ndata: 8\n\n")(exchange);
      await stream("id: 7\ndata: 7\n\n")(exchange);
      exchange.end();
    });
    let known = "old";
    const { got, received, errors, skip, waiting } = connect("/events", {
      headers: () => ({ authorization: `Bearer ${known}` }),
      onUnauthorized({ cause }) {
        refreshes.push(cause.status);
        known = token;
      },
    });
    await waiting();
    token = "new";
    skip();
    await got(2);
    expect(received.items).toEqual([7, 8]);
    expect(refreshes).toEqual([401]);
    expect(errors.map(({ code }) => code)).toEqual(["unauthorized"]);
    const seen = server.requests.map(({ headers }) => [headers.authorization, headers["last-event-id"]]);
    expect(seen).toEqual([
      ["Bearer old", undefined],
      ["Bearer old", "7"],
      ["Bearer new", "7"],
    ]);
  });

  test("a second 401 right after the refresh is final", async () => {
    script("/events", status(401));
    let refreshes = 0;
    const { closed } = connect("/events", { onUnauthorized: () => void refreshes++ });
    expect(await closed()).toMatchObject({ reason: "unauthorized" });
    expect({ refreshes, requests: server.requests.length }).toEqual({ refreshes: 1, requests: 2 });
  });

  test("a stream in between that lasted earns another refresh", async () => {
    script("/events", status(401), stream("data: 1\n\n"), status(401), stream("data: 2\n\n"));
    let refreshes = 0;
    const { client, environment, got } = connect("/events", { onUnauthorized: () => void refreshes++ });
    await got(1);
    environment.clock.advance(5_000);
    client.reconnect();
    await got(2);
    expect(refreshes).toBe(2);
  });

  test("a refresh that gives up closes; one that merely fails is tried again after a delay", async () => {
    script("/events", status(403));
    const failures = [new Error("the token server is down"), new SSEError("unauthorized", "signed out")];
    const { closed, waiting, skip, errors } = connect("/events", {
      async onUnauthorized() {
        throw failures.shift();
      },
    });
    expect((await waiting()).cause).toMatchObject({ code: "request", cause: { message: "the token server is down" } });
    skip();
    expect(await closed()).toMatchObject({ reason: "unauthorized", cause: { message: "signed out" } });
    expect(errors.map(({ code }) => code)).toEqual(["unauthorized", "request", "unauthorized", "unauthorized"]);
  });

  test("disconnect during a refresh makes no further request", async () => {
    script("/events", status(401));
    let finish = () => {};
    let signal: AbortSignal | undefined;
    const asked = createRecorder<string>();
    const { client } = connect("/events", {
      onUnauthorized: (context) => {
        signal = context.signal;
        asked.add("asked");
        return new Promise<void>((resolve) => (finish = resolve));
      },
    });
    await until(asked, ({ length }) => length === 1);
    client.disconnect();
    expect(signal?.aborted).toBe(true);
    finish();
    await server.whenIdle();
    expect(client.status.get().status).toBe("closed");
    expect(server.requests).toHaveLength(1);
  });
});

// SPEC 23
describe("Retry-After", () => {
  const http = (ms: number) => new Date(midnight + ms).toUTCString();

  test.each([
    ["seconds", "120", 120_000],
    ["zero seconds", "0", 0],
    ["a date", http(90_000), 90_000],
    ["a date in the past", http(-90_000), 0],
    ["garbage", "soon", 0],
    ["nothing", "", 0],
    ["a negative number", "-5", 0],
    ["more seconds than a timer can wait", "99999999", 2 ** 31 - 1],
  ])("%s", async (_, value, expected) => {
    script("/events", status(503, { "retry-after": value }));
    const { waiting, environment } = connect();
    expect((await waiting()).nextRetryAt! - environment.now()).toBe(expected);
  });

  test("jitter comes on top of it", async () => {
    script("/events", status(429, { "retry-after": "10" }));
    const { waiting, environment } = connect();
    environment.setRandom(0.5);
    expect((await waiting()).nextRetryAt).toBe(midnight + 10_000 + 1_000);
  });

  test("connect() shortens jitter but not it", async () => {
    script("/events", status(503, { "retry-after": "10" }), stream("data: 1\n\n"));
    const { client, waiting, environment, got } = connect();
    environment.setRandom(0.5);
    await waiting();
    client.connect();
    expect(client.status.get().nextRetryAt).toBe(midnight + 10_000);
    environment.clock.advance(9_999);
    client.reconnect();
    expect(client.status.get().nextRetryAt).toBe(midnight + 10_000);
    expect(server.requests).toHaveLength(1);
    environment.clock.advance(1);
    await got(1);
    expect(server.requests).toHaveLength(2);
  });

  test("it replaces retry: as the floor for this one wait", async () => {
    const ending: ExchangeHandler = async (exchange) => {
      await stream("retry: 3000\n\n")(exchange);
      exchange.end();
    };
    script("/events", ending, status(503, { "retry-after": "1" }), status(503));
    const { client, waiting, skip } = connect();
    const waits: number[] = [];
    for (const attempt of [1, 2, 3]) {
      await until(client.status, (state) => state.attempt === attempt);
      await waiting();
      waits.push(skip());
    }
    expect(waits).toEqual([3_000, 1_000, 3_000]);
  });
});

// SPEC 6, 8, 51
describe("requests", () => {
  test("ask for an event stream, uncached, and send no position at first", async () => {
    script("/events", stream("data: 1\n\n"));
    await connect().got(1);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "GET", url: "/events", lastEventIdBytes: null });
    expect(request?.headers).toMatchObject({ accept: "text/event-stream", "cache-control": "no-cache" });
  });

  test("an id beyond latin1 is sent as UTF-8", async () => {
    script("/events", async (exchange) => {
      await stream(`id: \u20AC${6 + exchange.visit}\ndata: ${exchange.visit}\n\n`)(exchange);
      if (exchange.visit === 1) exchange.end();
    });
    const { waiting, skip, got } = connect();
    await waiting();
    skip();
    await got(2);
    expect(server.requests[1]?.lastEventIdBytes?.toString("hex")).toBe("e282ac37");
  });

  test("url and headers given as functions are asked at every attempt and told why", async () => {
    script("/events", async (exchange) => {
      await stream("id: 5\ndata: 1\n\n")(exchange);
      exchange.end();
    });
    const asked: unknown[] = [];
    const { waiting, skip } = connect("/events", {
      url: async ({ attempt, cause, lastEventId }) => {
        asked.push({ attempt, cause: cause?.code, lastEventId });
        return `${server.url}/events?try=${attempt}`;
      },
      headers: ({ attempt }) => Promise.resolve({ "x-attempt": `${attempt}` }),
    });
    await waiting();
    skip();
    await waiting();
    expect(asked).toEqual([
      { attempt: 0, cause: undefined, lastEventId: "" },
      { attempt: 1, cause: "ended", lastEventId: "5" },
    ]);
    expect(server.requests.map(({ url, headers }) => [url, headers["x-attempt"]])).toEqual([
      ["/events?try=0", "0"],
      ["/events?try=1", "1"],
    ]);
  });

  test("a url that throws is an error of its own and is retried", async () => {
    script("/events", stream("data: 1\n\n"));
    const urls = [() => Promise.reject(new Error("no configuration yet")), () => `${server.url}/events`];
    const { waiting, skip, got } = connect("/events", { url: () => urls.shift()?.() ?? "" });
    expect((await waiting()).cause).toMatchObject({ code: "request", cause: { message: "no configuration yet" } });
    skip();
    await got(1);
  });

  test("a redirect is followed, and the next attempt begins at the original URL", async () => {
    script("/events", status(307, { location: "/elsewhere" }));
    script("/elsewhere", async (exchange) => {
      await stream(`id: ${exchange.visit}\ndata: ${exchange.visit}\n\n`)(exchange);
      if (exchange.visit === 1) exchange.end();
    });
    const { waiting, skip, got, received } = connect();
    await waiting();
    skip();
    await got(2);
    expect(received.items).toEqual([1, 2]);
    expect(server.requests.map(({ path, lastEventIdBytes }) => `${path} ${lastEventIdBytes}`)).toEqual([
      "/events null",
      "/elsewhere null",
      "/events 1",
      "/elsewhere 1",
    ]);
  });
});

// SPEC 20
describe("a connection that breaks", () => {
  test("before the head: retried, without an event", async () => {
    script("/events", ({ destroy }) => destroy(), stream("data: 1\n\n"));
    const { waiting, skip, got, errors } = connect();
    expect((await waiting()).cause).toMatchObject({ code: "network" });
    skip();
    await got(1);
    expect(errors.map(({ code }) => code)).toEqual(["network"]);
  });

  test("where nobody listens: retried", async () => {
    const deserted = await startScriptedServer();
    await deserted.close();
    const { waiting } = connect("/events", { url: `${deserted.url}/events` });
    expect(await waiting()).toMatchObject({ status: "reconnecting", attempt: 1, cause: { code: "network" } });
  });

  test("inside a frame: neither its data nor its id counts", async () => {
    const [broken, exchange] = watched(stream("id: 1\ndata: 1\n\nid: 2\ndata: 2\n"));
    script("/events", broken, stream("id: 2\ndata: 2\n\n"));
    const { waiting, skip, got, received, client } = connect();
    await got(1);
    (await exchange).destroy();
    expect((await waiting()).cause).toMatchObject({ code: "network" });
    expect(received.items).toEqual([1]);
    skip();
    await got(2);
    expect(received.items).toEqual([1, 2]);
    expect(server.requests[1]?.lastEventIdBytes?.toString()).toBe("1");
    expect(client.stats.get().duplicates).toBe(0);
  });

  test("a stream cut short of its content length is a broken one", async () => {
    script("/events", ({ response, destroy }) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-length": "100" });
      response.write("id: 1\ndata: 1\n\nid: 2\ndata: 2", destroy);
    });
    const { waiting } = connect();
    expect((await waiting()).cause).toMatchObject({ code: "network" });
  });

  test("a stream that merely ends is retried and is no error to report", async () => {
    script("/events", async (exchange) => {
      await stream("data: 1\n\n")(exchange);
      exchange.end();
    });
    const { waiting, errors } = connect();
    expect(await waiting()).toMatchObject({ status: "reconnecting", cause: { code: "ended" } });
    expect(errors).toEqual([]);
  });
});

// SPEC 29
describe("a connection that stalls", () => {
  test("before the head the client goes on connecting, and can be told to stop", async () => {
    const [silent, exchange] = watched(() => {});
    script("/events", silent);
    const { client, environment } = connect();
    const open = await exchange;
    environment.clock.advance(3_600_000);
    expect(client.status.get().status).toBe("connecting");
    client.disconnect();
    await seenGone(open);
  });

  test("after the head a plain server counts as open and is left alone", async () => {
    script("/events", stream());
    const { client, environment, opened } = connect();
    await opened();
    environment.clock.advance(3_600_000);
    expect(client.status.get().status).toBe("open");
    expect(server.requests).toHaveLength(1);
  });

  test("with contract: true only the first byte makes it open", async () => {
    let say = async (_text: string) => {};
    const headers = createRecorder<string>();
    const [handler, exchange] = watched(({ sse, write }) => {
      sse();
      say = write;
    });
    script("/events", handler);
    const { client, opened } = connect("/events", {
      contract: true,
      environment: {
        isServer: false,
        async fetch(input, init) {
          const response = await fetch(input, init);
          headers.add("seen");
          return response;
        },
      },
    });
    await exchange;
    await until(headers, ({ length }) => length === 1);
    // The client has the head once a promise job after fetch has run.
    await new Promise(setImmediate);
    expect(client.status.get().status).toBe("connecting");
    await say(":\n");
    await opened();
  });

  test("inside a frame nothing is dispatched until it is complete", async () => {
    let say = async (_text: string) => {};
    script("/events", async ({ sse, write }) => {
      sse();
      say = write;
      await write("data: 1\n\ndata: 2\n");
    });
    const { received, got } = connect();
    await got(1);
    expect(received.items).toEqual([1]);
    await say("\n");
    await got(2);
    expect(received.items).toEqual([1, 2]);
  });
});

// SPEC 5
describe("letting go", () => {
  const endless: ExchangeHandler = async ({ response, write, signal }) => {
    response.writeHead(500, { "content-type": "text/plain" });
    while (!signal.aborted) await write("x".repeat(1_024));
  };

  test.each(["disconnect", "close"] as const)("%s() ends the connection on the server's side", async (how) => {
    const [handler, exchange] = watched(stream("data: 1\n\n"));
    script("/events", handler);
    const { client, got, environment } = connect();
    await got(1);
    client[how]();
    await seenGone(await exchange);
    environment.flush();
    expect(environment.leaks()).toEqual({ timers: 0, flushes: 0, listeners: 0 });
    expect(client.status.get()).toMatchObject({ status: "closed", reason: "user" });
  });

  test("disconnect() in a handler stops the rest of the chunk, and the rest is asked for again", async () => {
    script("/events", stream("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n"), stream("id: 2\ndata: 2\n\n"));
    const { client, received, closed, got } = connect();
    client.channel("message").on(({ data }) => data === 1 && client.disconnect());
    await closed();
    expect(received.items).toEqual([1]);
    client.connect();
    await got(2);
    expect(server.requests[1]?.lastEventIdBytes?.toString()).toBe("1");
  });

  test("the linger time after the last subscriber ends the connection on the server's side", async () => {
    const [handler, exchange] = watched(stream("data: 1\n\n"));
    script("/events", handler);
    const { client, got, stop, environment } = connect();
    await got(1);
    stop();
    environment.clock.advance(999);
    expect(client.status.get().status).toBe("open");
    environment.clock.advance(1);
    expect(client.status.get().status).toBe("idle");
    await seenGone(await exchange);
  });

  test("reconnect() ends the old connection on the server's side", async () => {
    const [handler, exchange] = watched(stream("id: 1\ndata: 1\n\n"));
    script("/events", handler, stream("id: 2\ndata: 2\n\n"));
    const { client, got } = connect();
    await got(1);
    client.reconnect();
    await seenGone(await exchange);
    await got(2);
    expect(server.requests[1]?.lastEventIdBytes?.toString()).toBe("1");
    expect(server.openResponses()).toBe(1);
  });

  test("a refused answer whose body never ends is let go of", async () => {
    const [handler, exchange] = watched(endless);
    script("/events", handler, status(204));
    const { waiting, skip, closed } = connect();
    expect((await waiting()).cause).toMatchObject({ status: 500, body: "x".repeat(200) });
    await seenGone(await exchange);
    skip();
    await closed();
  });

  test("a refused answer whose body never comes is reported after a second and let go of", async () => {
    const [handler, exchange] = watched(({ response }) => {
      response.writeHead(503, { "content-type": "text/plain", "retry-after": "7" });
      response.write("wait");
    });
    script("/events", handler);
    const timers = createRecorder<number>();
    const environment = createFakeEnvironment({ fetch, start: midnight });
    environment.setRandom(0);
    const { waiting } = connect("/events", {
      environment: {
        ...environment,
        setTimer(callback, delayMs) {
          timers.add(delayMs);
          return environment.setTimer(callback, delayMs);
        },
      },
    });
    // One for the first byte, one for the body.
    await until(timers, ({ length }) => length === 2);
    // So that the piece of body that did come has been read.
    await new Promise(setImmediate);
    expect(timers.items.at(-1)).toBe(1_000);
    environment.clock.advance(1_000);
    const { cause, nextRetryAt } = await waiting();
    expect(cause).toMatchObject({ status: 503 });
    expect("wait").toContain(cause?.body);
    expect(nextRetryAt).toBe(midnight + 1_000 + 7_000);
    await seenGone(await exchange);
  });

  test("disconnect() while a refused answer is being read reports nothing", async () => {
    const [handler, exchange] = watched(({ response }) => {
      response.writeHead(500, { "content-type": "text/plain" });
      response.flushHeaders();
    });
    script("/events", handler);
    const { client, environment, errors } = connect();
    const open = await exchange;
    await until({ get: () => environment.clock.pending, subscribe: poll }, (pending) => pending === 1);
    client.disconnect();
    await seenGone(open);
    expect(errors).toEqual([]);
    expect(environment.clock.pending).toBe(0);
  });

  /** Looks again at every turn of the event loop; for what tells nobody when it changes. */
  function poll(onChange: () => void) {
    let handle = setImmediate(function again() {
      onChange();
      handle = setImmediate(again);
    });
    return () => clearImmediate(handle);
  }
});
