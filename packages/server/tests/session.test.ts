import { setImmediate as nextTick } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  createFetchSession,
  createSession,
  FrameError,
  InvalidDataError,
  OptionError,
  ReservedEventError,
  type SessionMessage,
  type SessionOptions,
} from "../src/index.ts";
import { createFakeResponse, streamRequest } from "./support/fake-response.ts";
import { createManualEnvironment } from "./support/manual-environment.ts";

function open(options: SessionOptions = {}, res = createFakeResponse()) {
  const environment = createManualEnvironment();
  const session = createSession(streamRequest(), res, { environment, ...options });
  return { session, res, environment };
}

/** What a promise has come to by now; `undefined` while it has not. */
async function outcomeOf<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  await nextTick();
  return Promise.race([promise, Promise.resolve(undefined)]);
}

const unusable: [string, unknown, typeof FrameError | typeof ReservedEventError | typeof InvalidDataError][] = [
  ["a line break in the event", { event: "a\nb", data: 1 }, FrameError],
  ["a line break in the id", { id: "a\rb", data: 1 }, FrameError],
  ["NUL in the id", { id: "a\0b", data: 1 }, FrameError],
  ["a retry out of range", { retry: -1, data: 1 }, FrameError],
  ["an event that is no string", { event: 5, data: 1 }, FrameError],
  ["an event of the protocol", { event: "sse.hello", data: 1 }, ReservedEventError],
  ["an event that begins with @", { event: "@a", data: 1 }, ReservedEventError],
  ["no data", { event: "a" }, InvalidDataError],
  ["a function as data", { data: () => {} }, InvalidDataError],
  ["data without JSON", { data: 1n }, InvalidDataError],
  ["raw data that is no string", { data: 1, raw: true }, FrameError],
];

describe("a session", () => {
  // SPEC 83
  it.each(unusable)("refuses %s at the call and stays open", (_case, message, error) => {
    const { session, res } = open();
    expect(() => session.send(message as SessionMessage)).toThrow(error);
    expect(res.writes).toHaveLength(1);
    expect(session.isOpen).toBe(true);
  });

  // SPEC 83
  it.each([undefined, null, "text"])("refuses %j in place of a message", (message) => {
    const { session } = open();
    expect(() => session.send(message as never)).toThrow(InvalidDataError);
    expect(() => open({ welcome: () => message as never })).toThrow(InvalidDataError);
    expect(session.isOpen).toBe(true);
  });

  // SPEC 83
  it("refuses a comment that is no string", () => {
    expect(() => open().session.comment(1 as never)).toThrow(FrameError);
  });

  // SPEC 82
  it.each(unusable)("is not opened with %s in its welcome", (_case, message, error) => {
    const res = createFakeResponse();
    const environment = createManualEnvironment();
    expect(() => open({ environment, welcome: () => message as SessionMessage }, res)).toThrow(error);
    const request = new Request("http://localhost/");
    expect(() => createFetchSession(request, { environment, welcome: message as SessionMessage })).toThrow(error);
    expect(res).toMatchObject({ statusCode: 0, writes: [], listeners: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 82
  it.each([
    [{ nope: 1 }, "nope"],
    [{ welcome: "hi" }, "welcome"],
    [{ welcome: null }, "welcome"],
    [{ headers: null }, "headers"],
    [{ heartbeatMs: 1 }, "heartbeatMs"],
    [{ retryMs: [5, 1] }, "retryMs"],
    [{ maxBufferedBytes: 0 }, "maxBufferedBytes"],
    [{ stallMs: 1 }, "stallMs"],
  ])("refuses the options %j", (options, option) => {
    const res = createFakeResponse();
    expect(() => open(options as SessionOptions, res)).toThrow(expect.objectContaining({ option }));
    expect(() => open(options as SessionOptions, res)).toThrow(OptionError);
    expect(res).toMatchObject({ statusCode: 0, writes: [] });
  });

  // SPEC 82
  it("begins with retry and a welcome in one write", () => {
    const { session, res } = open();
    expect(res.writes).toHaveLength(1);
    expect(res.text).toBe(`retry: 3000\n\nevent: welcome\ndata: {"id":"${session.id}"}\n\n`);
  });

  // SPEC 82
  it.each<[NonNullable<SessionOptions["welcome"]>, string]>([
    [false, ""],
    [{ data: "hi" }, 'data: "hi"\n\n'],
    [(id) => ({ event: "ready", data: id, raw: true, id: "7" }), "event: ready\nid: 7\ndata: conn-1\n\n"],
  ])("begins with the welcome it was given", (welcome, text) => {
    expect(open({ welcome, retryMs: [100, 100] }).res.text).toBe(`retry: 100\n\n${text}`);
  });

  // SPEC 83
  it("sends JSON, strings too, and raw strings as they are", () => {
    const { session, res } = open({ welcome: false });
    void session.send({ data: "a\nb" });
    void session.send({ event: "e", id: "1", retry: 5, data: "a\nb", raw: true });
    void session.comment("c\nd");
    expect(res.text.slice("retry: 3000\n\n".length)).toBe(
      'data: "a\\nb"\n\nretry: 5\nevent: e\nid: 1\ndata: a\ndata: b\n\n: c\n: d\n\n',
    );
  });

  // SPEC 84
  it("resolves a send with true when the platform has it", async () => {
    const { session } = open();
    expect(await session.send({ data: 1 })).toBe(true);
    expect(await session.comment("")).toBe(true);
  });

  // SPEC 84
  it("holds a send until there is room", async () => {
    const { session, res } = open();
    res.stalled = true;
    const small = session.send({ data: 1 });
    const large = session.send({ data: "x".repeat(70_000) });
    expect(await outcomeOf(small)).toBe(true);
    expect(await outcomeOf(large)).toBeUndefined();
    res.drain();
    expect(await large).toBe(true);
  });

  // SPEC 84
  it("waits for less than its limit, so that an awaited send never drops it", async () => {
    const { session, res } = open({ maxBufferedBytes: 10_000 });
    res.stalled = true;
    const sent = session.send({ data: "x".repeat(20_000) });
    expect(await outcomeOf(sent)).toBeUndefined();
    res.drain();
    expect(await sent).toBe(true);
    expect(session.isOpen).toBe(true);
  });

  // SPEC 86, 106
  it.each(["first", "later"])("is over when middleware fails to pass on its %s bytes", async (which) => {
    const res = createFakeResponse();
    const fail = () => {
      throw new Error("broken pipe");
    };
    if (which === "first") res.flush = fail;
    const { session } = open({}, res);
    res.flush = fail;
    expect(await session.send({ data: 1 })).toBe(false);
    expect(await session.closed).toBe("write-failed");
    expect(res).toMatchObject({ destroyed: true, listeners: 0 });
  });

  // SPEC 84
  it("pushes each message through compressing middleware", () => {
    const res = createFakeResponse();
    let flushes = 0;
    res.flush = () => void flushes++;
    const { session } = open({}, res);
    void session.send({ data: 1 });
    void session.comment("");
    expect(flushes).toBe(3);
  });

  // SPEC 81
  it("keeps headers that are there, except the content type, and puts its own before them", () => {
    const res = createFakeResponse();
    res.setHeader("cache-control", "private");
    res.setHeader("content-type", "text/html");
    res.setHeader("x-own", "before");
    open({ headers: { "X-Own": "mine" } }, res);
    expect(Object.fromEntries(res.headers)).toEqual({
      "cache-control": "private",
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
      "x-own": "mine",
    });
  });

  // SPEC 84
  it("notices room within a second although no drain is told of", async () => {
    const { session, res, environment } = open();
    let buffered = 0;
    Object.defineProperty(res, "writableLength", { get: () => buffered });
    buffered = 70_000;
    const sent = session.send({ data: 1 });
    expect(await outcomeOf(sent)).toBeUndefined();
    buffered = 60_000;
    environment.advance(1_000);
    expect(await outcomeOf(sent)).toBe(true);
  });

  // SPEC 84
  it.each(["close", "leave", "stall"] as const)("resolves a send that waits with false at a %s", async (how) => {
    const { session, res, environment } = open();
    res.stalled = true;
    const sent = session.send({ data: "x".repeat(70_000) });
    if (how === "close") session.close();
    else if (how === "leave") res.leave();
    else environment.advance(31_000);
    expect(await outcomeOf(sent)).toBe(false);
  });

  // SPEC 84, 86
  it("neither throws nor writes after its end, whatever it is given", async () => {
    const { session, res } = open();
    session.close();
    const before = res.text;
    expect(await session.send({ event: "sse.x", data: () => {} })).toBe(false);
    expect(await session.comment("a")).toBe(false);
    expect(await session.comment(1 as never)).toBe(false);
    session.close();
    expect(res.text).toBe(before);
    expect(res.ended).toBe(true);
  });

  // SPEC 86
  it("survives being closed from inside what it sends", async () => {
    const { session, res } = open({ maxBufferedBytes: 10 });
    res.stalled = true;
    void session.send({ data: "more than the limit" });
    const sent = session.send({ data: { toJSON: () => session.close() ?? 1 } });
    expect(await sent).toBe(false);
    expect(res).toMatchObject({ ended: true, destroyed: false });
    res.leave();
    expect(await session.closed).toBe("closed");
  });

  // SPEC 84, 86
  it("survives being closed from inside a write", async () => {
    const { session, res } = open();
    const write = res.write;
    res.write = (chunk) => {
      session.close();
      return write(chunk);
    };
    res.stalled = true;
    expect(await outcomeOf(session.send({ data: "x".repeat(70_000) }))).toBe(false);
    expect(res).toMatchObject({ ended: true, destroyed: false });
  });

  // SPEC 86
  it("is over when its end cannot be written", async () => {
    const { session, res, environment } = open();
    res.end = () => {
      throw new Error("gone");
    };
    session.close();
    expect(await outcomeOf(session.closed)).toBe("closed");
    expect(res).toMatchObject({ destroyed: true, listeners: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 86
  it("leaves no listener and no timer, however it ends", async () => {
    const ends: [string, (it: ReturnType<typeof open>) => void][] = [
      ["closed", ({ session }) => session.close()],
      ["client", ({ res }) => res.leave()],
      [
        "write-failed",
        ({ session, res }) => {
          res.write = () => {
            throw new Error("gone");
          };
          void session.send({ data: 1 });
        },
      ],
      [
        "slow",
        ({ session, res, environment }) => {
          res.stalled = true;
          void session.send({ data: 1 });
          environment.advance(31_000);
        },
      ],
    ];
    for (const [reason, end] of ends) {
      const opened = open();
      end(opened);
      expect(await outcomeOf(opened.session.closed)).toBe(reason);
      expect(opened.session.isOpen).toBe(false);
      expect(opened.res.listeners).toBe(0);
      expect(opened.environment.pending).toBe(0);
    }
  });

  // SPEC 86
  it("ends at the latest after stallMs when the peer does not take the rest", async () => {
    const { session, res, environment } = open({ stallMs: 8_000 });
    res.stalled = true;
    void session.send({ data: 1 });
    session.close();
    expect(await outcomeOf(session.closed)).toBeUndefined();
    environment.advance(9_100);
    expect(await outcomeOf(session.closed)).toBe("closed");
    expect(res).toMatchObject({ destroyed: true, listeners: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 86
  it("ends at the latest after stallMs when everything was taken and yet the platform does not end it", async () => {
    const { session, res, environment } = open({ stallMs: 8_000 });
    environment.advance(60_000);
    res.end = () => {};
    session.close();
    environment.advance(6_900);
    expect(await outcomeOf(session.closed)).toBeUndefined();
    environment.advance(2_200);
    expect(await outcomeOf(session.closed)).toBe("closed");
    expect(res).toMatchObject({ destroyed: true, listeners: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 85
  it("is dropped by a send when its peer is behind by the limit, and holds no more than one message above it", async () => {
    const { session, res } = open({ maxBufferedBytes: 10_000 });
    res.stalled = true;
    const sent = Array.from({ length: 20 }, () => session.send({ data: "x".repeat(1_000) }));
    expect(res.writes.slice(1).reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(10_000 + 1_100);
    expect(res.destroyed).toBe(true);
    expect(await session.closed).toBe("slow");
    expect(await sent.at(-1)).toBe(false);
  });

  // SPEC 85
  it("sends a message that is larger than the limit to a peer that takes it", async () => {
    const { session, res } = open({ maxBufferedBytes: 100 });
    expect(await session.send({ data: "x".repeat(1_000) })).toBe(true);
    expect(res.destroyed).toBe(false);
  });

  // SPEC 85
  it("is not dropped by its own heartbeat", () => {
    const { session, res, environment } = open({ maxBufferedBytes: 10 });
    res.stalled = true;
    void session.send({ data: "some more than ten" });
    environment.advance(20_000);
    expect(session.isOpen).toBe(true);
    expect(res.writes).toHaveLength(2);
  });

  // SPEC 87
  it("writes a comment 0.8 to 1 times the interval after the last write", () => {
    const { session, res, environment } = open();
    environment.advance(10_000);
    void session.send({ data: 1 });
    environment.advance(11_900);
    expect(res.writes).toHaveLength(2);
    environment.advance(3_100);
    expect(res.writes).toHaveLength(3);
    expect(res.text.endsWith("\n\n: \n\n")).toBe(true);
    expect(environment.maxTimers).toBe(1);
  });

  // SPEC 87
  it("writes none when they are turned off", () => {
    const { res, environment } = open({ heartbeatMs: null });
    environment.advance(120_000);
    expect(res.writes).toHaveLength(1);
  });

  // SPEC 82
  it("does not begin for a client that has left already", async () => {
    const res = createFakeResponse();
    res.leave();
    const { session, environment } = open({}, res);
    expect(session.isOpen).toBe(false);
    expect(await session.closed).toBe("client");
    expect(await session.send({ data: 1 })).toBe(false);
    const request = new Request("http://localhost/", { signal: AbortSignal.abort() });
    expect(await createFetchSession(request, { environment }).session.closed).toBe("client");
    expect(res).toMatchObject({ writes: [], listeners: 0 });
    expect(environment.pending).toBe(0);
  });

  // SPEC 81
  it("leaves nothing when its headers cannot be sent", () => {
    const res = createFakeResponse();
    const environment = createManualEnvironment();
    res.setHeader = () => {
      throw new Error("sent already");
    };
    expect(() => open({ environment }, res)).toThrow("sent already");
    const request = new Request("http://localhost/");
    expect(() => createFetchSession(request, { environment, headers: { "x y": "" } })).toThrow(TypeError);
    expect(res.listeners).toBe(0);
    expect(environment.pending).toBe(0);
  });

  // SPEC 86
  it("is over when the reader of its Fetch body cancels, or its request is aborted", async () => {
    const environment = createManualEnvironment();
    const left = new AbortController();
    const options = { environment };
    const cancelled = createFetchSession(new Request("http://localhost/"), options);
    const aborted = createFetchSession(new Request("http://localhost/", { signal: left.signal }), options);
    await cancelled.response.body?.cancel();
    left.abort();
    expect(await cancelled.session.closed).toBe("client");
    expect(await aborted.session.closed).toBe("client");
    expect(environment.pending).toBe(0);
  });
});
