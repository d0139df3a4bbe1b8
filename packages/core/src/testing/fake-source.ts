import { createFakeEnvironment, type FakeEnvironment, type FakeEnvironmentOptions } from "./fake-environment.ts";
import { type FakeEvent, toText } from "./fake-event.ts";
import type { FakeExchange } from "./fake-exchange.ts";
import { formatControl, formatFrame } from "./frame.ts";

/** A refusal, see {@link FakeSource.status}. */
export interface FakeStatus {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** @default "" */
  readonly body?: string | undefined;
  /** @default "text/plain" */
  readonly contentType?: string | undefined;
  /** How many requests are answered so. @default 1 */
  readonly times?: number | undefined;
}

/** Fields of `sse.hello`. Source: PROTOCOL.md, Frames. */
export interface FakeHello {
  /** @default "c1" */
  readonly conn?: string | undefined;
  /** @default that of the presented position, else "fake01" */
  readonly epoch?: string | undefined;
  /** @default the presented one, else "0" */
  readonly pos?: string | undefined;
  /** @default null: the script sends heartbeats or it does not */
  readonly heartbeatMs?: number | null | undefined;
  /** @default ["**"]: all */
  readonly channels?: readonly string[] | undefined;
  /** @default "resumed" if a position was presented, else "fresh" */
  readonly resume?: "fresh" | "resumed" | "gap" | undefined;
  /** @default 0 */
  readonly replayed?: number | undefined;
}

/**
 * The server's side of a stream, played by a test. `open`, `status` and `refuse` answer the client's next request, and
 * let up to two minutes pass until it comes. The others concern the stream that was opened last.
 */
export interface FakeSource extends FakeEnvironment {
  /** Answers with an event stream. */
  open(headers?: Readonly<Record<string, string>>): Promise<void>;
  /** Answers with something else. */
  status(code: number, answer?: FakeStatus): Promise<void>;
  /** Lets requests fail as without a network. */
  refuse(requests?: { readonly times?: number | undefined }): Promise<void>;

  /** Sends an event, its data as JSON. */
  emit(event: string, data: unknown): Promise<void>;
  /** Sends events in one chunk. */
  emit(...events: readonly FakeEvent[]): Promise<void>;
  /** Sends `sse.hello`: from here on the server speaks PROTOCOL.md. */
  hello(fields?: FakeHello): Promise<void>;
  /** Sends a comment, as heartbeats are. @param text - @default "" */
  comment(text?: string): Promise<void>;
  /** Sends exactly these bytes. */
  raw(bytes: string | Uint8Array): Promise<void>;
  /** Nothing arrives any more, and no error tells. */
  stall(): void;
  /** The network fails. */
  drop(): Promise<void>;
  /** The server ends the stream without a word. */
  end(): Promise<void>;
}

/** Clients wait at most 30 s by themselves, and longer where the server said so. */
const LONGEST_WAIT_MS = 120_000;

/**
 * Makes an event stream whose every byte, failure and second is written by the test.
 *
 * @example
 * const source = createFakeSource();
 * const client = createSSEClient({ url: "/events", environment: source.environment });
 * client.channel("prices").on(({ data }) => console.log(data));
 * await source.open();
 * await source.emit("prices", 10); // logs 10
 * await source.drop();
 * await source.open(); // the client came back
 */
export function createFakeSource(options?: FakeEnvironmentOptions): FakeSource {
  const waiting = new Set<FakeExchange>();
  let stream: FakeExchange | undefined;
  const fake = createFakeEnvironment((exchange) => {
    waiting.add(exchange);
    exchange.onOver(() => waiting.delete(exchange));
  }, options);
  const { clock, settle, advance } = fake;

  const nextRequest = async (control: string): Promise<FakeExchange> => {
    const deadline = clock.now() + LONGEST_WAIT_MS;
    await settle();
    while (waiting.size === 0 && clock.dueIn !== null && clock.now() + clock.dueIn <= deadline)
      await advance(clock.dueIn);
    const [exchange] = waiting;
    if (exchange) {
      waiting.delete(exchange);
      return exchange;
    }
    const open = stream?.phase === "open" ? " A stream is open: drop() or end() it first." : "";
    throw new Error(`${control} found no request. Subscribe to a channel of the client, or call its connect().${open}`);
  };
  const openStream = (control: string): FakeExchange => {
    if (stream?.phase === "open") return stream;
    const state = stream ? "The last one is over" : "There was none so far";
    throw new Error(`${control} needs an open stream. ${state}: call \`await source.open()\` first.`);
  };
  const send = (control: string, data: string | Uint8Array) => {
    openStream(control).write(data);
    return settle();
  };

  return {
    ...fake,
    async open(headers) {
      stream = await nextRequest("open()");
      stream.respond(200, { "content-type": "text/event-stream", ...headers });
      await settle();
    },
    async status(code, { headers, body = "", contentType = "text/plain", times = 1 } = {}) {
      for (let time = 0; time < times; time++) (await nextRequest("status()")).reply(code, contentType, body, headers);
      await settle();
    },
    async refuse({ times = 1 } = {}) {
      for (let time = 0; time < times; time++) (await nextRequest("refuse()")).drop();
      await settle();
    },
    emit(...args: readonly [string, unknown] | readonly FakeEvent[]) {
      const events = typeof args[0] === "string" ? [{ event: args[0], data: args[1] }] : (args as readonly FakeEvent[]);
      return send("emit()", events.map((event) => formatFrame({ ...event, data: toText(event) })).join(""));
    },
    hello(fields) {
      const { lastEventId } = openStream("hello()").request;
      const [, epoch = "fake01", pos = "0"] = /^(\w{6})\.(.+)$/.exec(lastEventId) ?? [];
      const hello = { conn: "c1", epoch, pos, heartbeatMs: null, channels: ["**"], replayed: 0, ...fields };
      return send("hello()", formatControl("sse.hello", { resume: lastEventId ? "resumed" : "fresh", ...hello }));
    },
    comment: (text = "") => send("comment()", formatFrame({ comment: text })),
    raw: (bytes) => send("raw()", bytes),
    stall: () => openStream("stall()").stall(),
    drop() {
      openStream("drop()").drop();
      return settle();
    },
    end() {
      openStream("end()").end();
      return settle();
    },
  };
}
