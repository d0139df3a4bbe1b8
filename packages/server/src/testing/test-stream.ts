import type { Block } from "./event-parser.ts";
import type { TestClientState } from "./test-client.ts";
import { createTestLink, type TestLink } from "./test-link.ts";
import type { TestAsk, TestRequestOptions, TestRequests } from "./test-requests.ts";
import { turn } from "./turn.ts";

/** One stream after another of one client. */
export interface TestStream {
  readonly state: TestClientState;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What to say of it in an error. */
  readonly situation: string;
  /** Throws unless the client may ask for something else than its stream. */
  checkIdle(control: string): void;
  /** Asks for a stream; resolves when what came along with the answer is read. */
  connect(ask: TestAsk, options: TestRequestOptions, isSlow: boolean): Promise<void>;
  pause(): void;
  resume(): void;
  /** Reads a chunk; resolves with whether there was one, and with `undefined` when there is none in time. */
  read(isLate: Promise<unknown>): Promise<boolean | undefined>;
  drop(): void;
  cutAfter(bytes: number): void;
  close(): void;
}

/** What becomes of it. */
export interface TestStreamEvents {
  onBlock(block: Block): void;
  /** Told after the fact. */
  onState(state: TestClientState): void;
}

/** Creates a client's streams, none of them open. */
export function createTestStream(requests: TestRequests, events: TestStreamEvents): TestStream {
  let state: TestClientState = "idle";
  let status = 0;
  let headers = new Headers();
  let text = "";
  let link: TestLink | undefined;
  let isPaused = false;
  let nextCut: number | undefined;

  function change(next: TestClientState) {
    // What is closed stays so, whatever is still under way.
    if (state === "closed") return;
    state = next;
    events.onState(next);
  }

  function open(body: ReadableStream<Uint8Array>, abort: () => void, isSlow: boolean) {
    link = createTestLink(body, { onBlock: events.onBlock, onOver: change, abort });
    isPaused = isSlow;
    change("open");
    if (nextCut !== undefined) link.cutAfter(nextCut);
    nextCut = undefined;
    if (!isSlow) link.resume();
  }

  function openLink(control: string): TestLink {
    if (link && state === "open") return link;
    throw new Error(`${control} needs an open stream: ${situation()}.`);
  }

  function situation(): string {
    if (state === "open") return isPaused ? "the client is paused, call resume() or read()" : "the stream is open";
    if (state === "refused") return `the answer was ${status} ${JSON.stringify(text)}`;
    return {
      idle: "there was none so far, call reconnect()",
      connecting: "the client is connecting",
      ended: "the server has ended it",
      broken: "the link is broken, call reconnect()",
      closed: "the client is closed",
    }[state];
  }

  return {
    get state() {
      return state;
    },
    get status() {
      return status;
    },
    get headers() {
      return headers;
    },
    get text() {
      return text;
    },
    get situation() {
      return situation();
    },
    checkIdle(control) {
      if (state === "closed" || state === "connecting") throw new Error(`${control}: ${situation()}.`);
      if (state === "open") throw new Error(`${control}: the stream is open. Call drop() first.`);
    },
    async connect(ask, options, isSlow) {
      change("connecting");
      try {
        const { response, abort } = await requests.send(ask, options);
        ({ status, headers } = response);
        const isStream = response.ok && headers.get("content-type")?.startsWith("text/event-stream");
        text = isStream ? "" : await response.text();
        if (isStream && response.body) open(response.body, abort, isSlow);
        else change("refused");
      } catch (error) {
        change("broken");
        throw error;
      }
      await turn();
    },
    pause() {
      openLink("pause()").pause();
      isPaused = true;
    },
    resume() {
      openLink("resume()").resume();
      isPaused = false;
    },
    async read(isLate) {
      const reading = openLink("read()");
      if (!isPaused) throw new Error("read(): the client reads by itself. Call pause() first.");
      const chunk = reading.read();
      const didRead = await Promise.race([chunk, isLate.then(() => undefined)]);
      if (didRead === undefined) reading.pause();
      return didRead;
    },
    drop() {
      const wasAsking = requests.abortAll();
      if (!wasAsking || state === "open") openLink("drop()").drop();
    },
    cutAfter(bytes) {
      if (!Number.isInteger(bytes) || bytes < 0)
        throw new RangeError(`cutAfter(): cannot cut after ${bytes} bytes. Pass an integer from 0 on.`);
      if (link && state === "open") link.cutAfter(bytes);
      else nextCut = bytes;
    },
    close() {
      link?.close();
      requests.abortAll();
      change("closed");
    },
  };
}
