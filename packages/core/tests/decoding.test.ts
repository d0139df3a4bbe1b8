import {
  cutAtEveryByte,
  type DecodedEvent,
  type DecodingVector,
  decodingVectors,
  oneByteAtATime,
} from "test-kit/decoding-vectors";
import { createFakeEnvironment, type FakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";
import { type ScriptedServer, startScriptedServer } from "test-kit/scripted-server";
import { createRecorder, until } from "test-kit/until";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSSEClient, type SSEClient } from "../src/index.ts";

/*
 * Every stream passes through a whole client, from the bytes of a response to a channel's handler and to the header of
 * the next request. Nothing is read from the parser itself.
 */

const longestTimerMs = 2 ** 31 - 1;
const encoder = new TextEncoder();

/** On a channel nobody described, data is JSON where it is JSON, else text. */
function toData(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

interface Outcome {
  readonly events: readonly { readonly type: string; readonly data: unknown; readonly lastEventId: string }[];
  /** Messages the client counted, those on channels the vector does not expect included. */
  readonly messages: number;
  /** The raw bytes of `Last-Event-ID` in the next request, as latin1; `null` without the header. */
  readonly sentId: string | null;
  /** How long the client waited before that request. */
  readonly waitMs: number;
  readonly reportedErrors: readonly string[];
}

/** What the vector demands of the whole client. */
function expectedOf({ events, cursor, retryMs = 0 }: DecodingVector): Outcome {
  // A field value loses the spaces and tabs around it in HTTP (RFC 9110 §5.5), whoever sends it: an id that begins or
  // ends with one cannot travel whole, and `fetch` takes them off itself. That is the one difference allowed here.
  const sentId = Buffer.from(encoder.encode(cursor))
    .toString("latin1")
    .replace(/^[ \t]+|[ \t]+$/g, "");
  return {
    events: events.map(({ type, data, lastEventId }) => ({ type, data: toData(data), lastEventId })),
    messages: events.length,
    sentId: sentId === "" ? null : sentId,
    waitMs: Math.min(retryMs, longestTimerMs),
    reportedErrors: [],
  };
}

/** A client under observation: it connects at once, without jitter, on a clock that stands still. */
function observe(url: string, events: readonly DecodedEvent[], fetch: typeof globalThis.fetch) {
  const environment = createFakeEnvironment({ fetch });
  environment.setRandom(0);
  const received = createRecorder<Outcome["events"][number]>();
  const reportedErrors: string[] = [];
  const client = createSSEClient({ url, environment, onError: ({ code }) => reportedErrors.push(code) });
  for (const type of new Set(events.map((each) => each.type))) {
    client.channel(type).on(({ channel, event, data, lastEventId }) => {
      received.add({ type: channel === event ? event : `${event} on ${channel}`, data, lastEventId });
    });
  }
  // Also where no event is expected and so no channel was subscribed to.
  client.connect();
  return { environment, client, received, reportedErrors };
}

/** Waits for the end of the stream, skips the delay and says how long it was. */
async function skipDelay(client: SSEClient, { clock }: FakeEnvironment): Promise<number> {
  const { nextRetryAt } = await until(client.status, ({ nextRetryAt }) => nextRetryAt !== null);
  const waitMs = nextRetryAt! - clock.now();
  clock.advance(waitMs);
  return waitMs;
}

// SPEC 50
describe("every vector, from a real socket", () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());

  async function run(path: string, { events }: DecodingVector, chunks: readonly Uint8Array[]): Promise<Outcome> {
    let sentId: Buffer | null | undefined;
    server.on(path, async ({ visit, lastEventIdBytes, sse, write, end, response }) => {
      if (visit === 1) {
        sse();
        for (const chunk of chunks) await write(chunk);
        return end();
      }
      sentId = lastEventIdBytes;
      response.writeHead(204).end();
    });
    const { environment, client, received, reportedErrors } = observe(`${server.url}${path}`, events, fetch);
    const waitMs = await skipDelay(client, environment);
    await until(client.status, ({ status }) => status === "closed");
    environment.flush();
    const { messages } = client.stats.get();
    expect(client.status.get().reason).toBe("server");
    if (sentId === undefined) throw new Error("there was no second request");
    return {
      events: received.items,
      messages,
      sentId: sentId?.toString("latin1") ?? null,
      waitMs,
      // The 204 that ends the test is an error the client reports.
      reportedErrors: reportedErrors.filter((code) => code !== "http"),
    };
  }

  test.each(decodingVectors.map((vector, index) => ({ ...vector, index })))("$name", async ({ index, ...vector }) => {
    expect(await run(`/whole/${index}`, vector, [vector.bytes]), vector.clause).toEqual(expectedOf(vector));
  });

  // One byte per write takes a turn of the event loop each, so this is a sample: every fifth short stream.
  const sample = decodingVectors.filter(({ bytes }) => bytes.length <= 300).filter((_, index) => index % 5 === 0);
  test.each(sample.map((vector, index) => ({ ...vector, index })))(
    "$name, one byte per write",
    async ({ index, ...vector }) => {
      const chunks = oneByteAtATime(vector.bytes);
      expect(await run(`/bytes/${index}`, vector, chunks), vector.clause).toEqual(expectedOf(vector));
    },
  );

  test("an id that begins and ends with U+00A0 is sent whole", async () => {
    const bytes = encoder.encode("id: \u00A07\u00A0\ndata: a\n\n");
    const cursor = "\u00A07\u00A0";
    const vector = {
      name: "",
      clause: "",
      bytes,
      cursor,
      events: [{ type: "message", data: "a", lastEventId: cursor }],
    };
    expect(await run("/nbsp", vector, [bytes])).toEqual(expectedOf(vector));
  });
});

// SPEC 50
describe("every vector, cut at every byte", () => {
  async function run({ events }: DecodingVector, chunks: readonly Uint8Array[]): Promise<Outcome> {
    const harness = createFetchHarness();
    const { environment, client, received, reportedErrors } = observe("http://harness/", events, harness.fetch);
    const first = await harness.nextRequest();
    first.respond();
    for (const chunk of chunks) first.push(chunk);
    first.end();
    const waitMs = await skipDelay(client, environment);
    const sentId = (await harness.nextRequest()).headers.get("last-event-id");
    environment.flush();
    const { messages } = client.stats.get();
    client.disconnect();
    return { events: received.items, messages, sentId, waitMs, reportedErrors };
  }

  const longest = 3_000;
  test.each(decodingVectors.filter(({ bytes }) => bytes.length <= longest))("$name", async (vector) => {
    const expected = expectedOf(vector);
    for (const chunks of cutAtEveryByte(vector.bytes)) {
      expect(await run(vector, chunks), `${vector.clause} Cut after byte ${chunks[0]?.length}.`).toEqual(expected);
    }
    expect(await run(vector, oneByteAtATime(vector.bytes)), `${vector.clause} One byte at a time.`).toEqual(expected);
  });

  test.each(decodingVectors.filter(({ bytes }) => bytes.length > longest))(
    "$name, in pieces of 997 bytes",
    async (vector) => {
      const count = Math.ceil(vector.bytes.length / 997);
      const chunks = Array.from({ length: count }, (_, at) => vector.bytes.slice(at * 997, (at + 1) * 997));
      expect(await run(vector, chunks), vector.clause).toEqual(expectedOf(vector));
    },
  );

  test("empty chunks everywhere change nothing", async () => {
    const vector = decodingVectors.find(({ name }) => name.startsWith("a whole stream"));
    if (!vector) throw new Error("the vector has gone");
    const empty = new Uint8Array();
    const chunks = oneByteAtATime(vector.bytes).flatMap((chunk) => [empty, chunk, empty]);
    expect(await run(vector, chunks)).toEqual(expectedOf(vector));
  });
});

// SPEC 50
describe("what a stream does before it ends", () => {
  async function open(options: { maxEventChars?: number; flushAtEnd?: boolean | undefined } = {}) {
    const harness = createFetchHarness();
    const environment = createFakeEnvironment({ fetch: harness.fetch });
    environment.setRandom(0);
    const errors: string[] = [];
    const url = "http://harness/";
    const client = createSSEClient({ url, environment, ...options, onError: ({ code }) => errors.push(code) });
    const received = createRecorder<unknown>();
    client.channel("message").on(({ data }) => received.add(data));
    const request = await harness.nextRequest();
    request.respond();
    return { harness, environment, client, received, request, errors };
  }

  test.each([
    ["CR CR", "data: a\r\r"],
    ["LF CR", "data: a\n\r"],
    ["CRLF CR", "data: a\r\n\r"],
  ])("%s at the end of a chunk dispatches without waiting for the next one", async (_, text) => {
    const { received, request } = await open();
    request.push(text);
    await until(received, ({ length }) => length === 1);
    // The LF that completes a CRLF is no blank line of its own.
    request.push("\ndata: b\n\n");
    await until(received, ({ length }) => length === 2);
    expect(received.items).toEqual(["a", "b"]);
  });

  test("a CR at the end of a chunk with nothing after it commits the id", async () => {
    const { client, environment, request } = await open();
    request.push("id: 1\r\r");
    request.end();
    await until(client.status, ({ nextRetryAt }) => nextRetryAt !== null);
    environment.flush();
    expect(client.status.get().lastEventId).toBe("1");
  });

  test("retry applies from its own line on, also to a stream that breaks inside the block", async () => {
    const { client, environment, request } = await open();
    request.push("retry: 4321\n");
    request.breakBody();
    expect(await skipDelay(client, environment)).toBe(4_321);
  });

  test("retry outlives the stream that set it", async () => {
    const { client, environment, harness, request } = await open();
    request.push("retry: 4321\n\n");
    request.end();
    expect(await skipDelay(client, environment)).toBe(4_321);
    (await harness.nextRequest()).fail();
    expect(await skipDelay(client, environment)).toBe(4_321);
  });

  test("an id outlives the stream that set it, and a later event without one reports it", async () => {
    const { client, environment, harness, request } = await open();
    const ids = createRecorder<string>();
    client.channel("message").on(({ lastEventId }) => ids.add(lastEventId));
    request.push("id: 1\ndata: a\n\n");
    request.end();
    await skipDelay(client, environment);
    const second = await harness.nextRequest();
    second.respond();
    second.push("data: b\n\n");
    await until(ids, ({ length }) => length === 2);
    expect(ids.items).toEqual(["1", "1"]);
  });

  test("what a broken stream left of a block is not carried into the next stream", async () => {
    const { client, environment, harness, received, request } = await open();
    request.push("id: 1\nevent: e\ndata: lost\ndata: lo");
    request.breakBody();
    await skipDelay(client, environment);
    const second = await harness.nextRequest();
    expect(second.headers.get("last-event-id")).toBeNull();
    second.respond();
    second.push("\n\ndata: b\n\n");
    await until(received, ({ length }) => length === 1);
    expect(received.items).toEqual(["b"]);
  });

  describe("maxEventChars", () => {
    const limit = 100;
    const full = "x".repeat(limit);

    /** The client is closed for good, the body let go of and the reason told, once. */
    async function expectTooLarge({
      client,
      request,
      errors,
      received,
      environment,
    }: Awaited<ReturnType<typeof open>>) {
      const { reason, cause } = await until(client.status, ({ status }) => status === "closed");
      expect({ reason, code: cause?.code, errors, received: received.items }).toEqual({
        reason: "error",
        code: "too-large",
        errors: ["too-large"],
        received: [],
      });
      expect(request.aborted || request.bodyCancelled).toBe(true);
      expect(environment.clock.pending).toBe(0);
    }

    test("an event of exactly that size passes, whole or in pieces", async () => {
      const { received, request } = await open({ maxEventChars: limit });
      request.push(`data:${full.slice(5)}\n\n`);
      for (const letter of `data:${full.slice(5)}\n\n`) request.push(letter);
      await until(received, ({ length }) => length === 2);
      expect(received.items).toEqual([full.slice(5), full.slice(5)]);
    });

    test("a line that exceeds it closes the connection before its end", async () => {
      const opened = await open({ maxEventChars: limit });
      opened.request.push(`data: ${full}`);
      await expectTooLarge(opened);
    });

    test("a line that grows beyond it closes the connection", async () => {
      const opened = await open({ maxEventChars: limit });
      for (const letter of `data: ${full}`) opened.request.push(letter);
      await expectTooLarge(opened);
    });

    test("lines that exceed it together close the connection", async () => {
      const opened = await open({ maxEventChars: limit });
      opened.request.push("data: 0123456789\n".repeat(10));
      await expectTooLarge(opened);
    });

    test("lines that end with CR and exceed it together close the connection", async () => {
      const opened = await open({ maxEventChars: limit });
      opened.request.push("data: 0123456789\r".repeat(11));
      await expectTooLarge(opened);
    });

    test("an event that exceeds it closes the connection also when it comes in one chunk", async () => {
      const opened = await open({ maxEventChars: limit });
      opened.request.push(`data: ${full}x\n\n`);
      await expectTooLarge(opened);
    });

    test("neither comments nor many small events add up to it", async () => {
      const { client, received, request } = await open({ maxEventChars: limit });
      request.push(`:${full}${full}`);
      request.push(`${full}\n`);
      for (let count = 0; count < 50; count++) request.push("data: 0123456789\n\n");
      await until(received, ({ length }) => length === 50);
      expect(client.status.get().status).toBe("open");
    });
  });

  test.each([
    [true, [1, 2]],
    [undefined, [1]],
  ])("flushAtEnd %s: what the stream ends with", async (flushAtEnd, expected) => {
    const { client, received, request } = await open({ flushAtEnd });
    request.push("data: 1\n\ndata: 2");
    request.end();
    await until(client.status, ({ status }) => status === "reconnecting");
    expect(received.items).toEqual(expected);
  });

  test("an event of 4 MiB in small chunks takes time in proportion to its length", async () => {
    const { received, request } = await open();
    const piece = "x".repeat(1_024);
    request.push("data: ");
    for (let count = 0; count < 4_096; count++) request.push(piece);
    request.push("\n\n");
    // Copying what has come at every chunk would move 8 GiB; the deadline of `until` is far below that.
    await until(received, ({ length }) => length === 1);
    expect(String(received.items[0])).toHaveLength(4 * 1_024 * 1_024);
  });
});
