import { type Block, createEventParser } from "./event-parser.ts";

/** The body of one stream, and the hand of a test on how it is read. */
export interface TestLink {
  /** Reads on by itself. */
  resume(): void;
  /** Reads no more: what comes stays with the server. */
  pause(): void;
  /** Reads one chunk, or nothing if it is paused again before there is one. Resolves with whether there was one. */
  read(): Promise<boolean>;
  /** Breaks the link after so many more bytes. */
  cutAfter(bytes: number): void;
  /** Breaks the link: what was under way is lost. */
  drop(): void;
  /** Leaves. */
  close(): void;
}

/** What a link tells. */
export interface TestLinkEvents {
  onBlock(block: Block): void;
  /** It is over, without having been closed. Told once. */
  onOver(how: "ended" | "broken"): void;
  /** Lets the handler of the request know that its client is gone. */
  abort(): void;
}

/** Creates the link, which is paused at first. */
export function createTestLink(body: ReadableStream<Uint8Array>, events: TestLinkEvents): TestLink {
  const parser = createEventParser(events.onBlock);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let bytesLeft = Number.POSITIVE_INFINITY;
  let isOver = false;

  function leave() {
    isOver = true;
    const leaving = reader ?? body;
    reader = undefined;
    // A body that has failed cannot be called off, and need not be.
    leaving.cancel().catch(() => {});
    events.abort();
  }

  function drop() {
    if (isOver) return;
    leave();
    events.onOver("broken");
  }

  function take(chunk: Uint8Array) {
    const taken = chunk.subarray(0, bytesLeft);
    bytesLeft -= taken.byteLength;
    parser.feed(taken);
    if (bytesLeft === 0) drop();
  }

  async function readOnce(from: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> {
    const chunk = await from.read().catch(() => undefined);
    // Without a chunk, this is a read that pausing has called off.
    if (isOver || (!chunk && reader !== from)) return false;
    if (chunk?.value) {
      take(chunk.value);
      return true;
    }
    isOver = true;
    events.onOver(chunk ? "ended" : "broken");
    return false;
  }

  async function flow(from: ReadableStreamDefaultReader<Uint8Array>) {
    while (!isOver && reader === from) await readOnce(from);
  }

  function pause() {
    const released = reader;
    reader = undefined;
    // Calls off the read that waits, so that what comes next is not taken from the server.
    released?.releaseLock();
  }

  return {
    resume() {
      if (isOver || reader) return;
      reader = body.getReader();
      void flow(reader);
    },
    pause,
    async read() {
      if (isOver) return false;
      reader = body.getReader();
      const didRead = await readOnce(reader);
      if (!isOver) pause();
      return didRead;
    },
    cutAfter(bytes) {
      bytesLeft = bytes;
      if (bytes === 0) drop();
    },
    drop,
    close() {
      if (!isOver) leave();
    },
  };
}
