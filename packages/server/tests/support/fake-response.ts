import { EventEmitter } from "node:events";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { NodeRequest, NodeResponse } from "../../src/node-sink.ts";

/** A Node response without a socket. What is written counts as buffered while `stalled`. */
export interface FakeResponse extends NodeResponse {
  stalled: boolean;
  destroyed: boolean;
  readonly headers: Map<string, string>;
  readonly writes: Uint8Array[];
  readonly text: string;
  readonly ended: boolean;
  /** All of it, once it has ended. */
  readonly answer: string;
  readonly listeners: number;
  /** Lets everything buffered through, as a peer that reads again does. */
  drain(): void;
  /** The peer goes away. */
  leave(): void;
}

export function createFakeResponse(): FakeResponse {
  const emitter = new EventEmitter();
  const writes: Uint8Array[] = [];
  const headers = new Map<string, string>();
  let buffered = 0;
  let ended = false;
  let answer = "";
  const response = {
    statusCode: 0,
    stalled: false,
    destroyed: false,
    headers,
    writes,
    get text() {
      return writes.map((chunk) => new TextDecoder().decode(chunk)).join("");
    },
    get ended() {
      return ended;
    },
    get answer() {
      return response.text + answer;
    },
    get writableEnded() {
      return ended;
    },
    get writableLength() {
      return buffered;
    },
    get listeners() {
      return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
    },
    hasHeader: (name: string) => headers.has(name),
    setHeader(name: string, value: string) {
      headers.set(name, value);
    },
    write(chunk: Uint8Array) {
      writes.push(chunk);
      if (response.stalled) buffered += chunk.byteLength;
      return !response.stalled;
    },
    end(text = "") {
      ended = true;
      answer = text;
      if (response.stalled) buffered += text.length;
      if (!response.stalled) response.leave();
    },
    destroy() {
      response.leave();
    },
    on: (event: string, listener: () => void) => emitter.on(event, listener),
    removeListener: (event: string, listener: () => void) => emitter.removeListener(event, listener),
    drain() {
      response.stalled = false;
      buffered = 0;
      emitter.emit("drain");
      if (ended) emitter.emit("finish");
    },
    leave() {
      if (response.destroyed) return;
      response.destroyed = true;
      emitter.emit("close");
    },
  };
  return response;
}

/** A GET request for a stream. */
export function streamRequest(query = "", lastEventId?: string): NodeRequest {
  return {
    method: "GET",
    url: `/events${query}`,
    headers: { accept: "text/event-stream", "last-event-id": lastEventId },
    httpVersionMajor: 1,
  };
}

/** A POST request for a change of channels, its body parsed by middleware. */
export function changeRequest(body: unknown): NodeRequest {
  return {
    method: "POST",
    url: "/events",
    headers: { accept: "application/json" },
    httpVersionMajor: 1,
    readableEnded: true,
    body,
  };
}

/** A GET request for a poll. */
export function pollRequest(query = "", lastEventId?: string): NodeRequest {
  return {
    ...streamRequest(query, lastEventId),
    headers: { accept: "application/json", "last-event-id": lastEventId },
  };
}

/** What a client makes of a stream's text. */
export interface ParsedStream {
  readonly events: (EventSourceMessage & { json: unknown })[];
  readonly lastEventId: string;
  readonly retry: number | undefined;
  readonly comments: string[];
}

export function parseStream(text: string): ParsedStream {
  const events: ParsedStream["events"] = [];
  const comments: string[] = [];
  let lastEventId = "";
  let retry: number | undefined;
  const parser = createParser({
    onEvent: (event) => events.push({ ...event, json: asJson(event.data) }),
    onId: (id) => {
      lastEventId = id ?? "";
    },
    onRetry: (ms) => {
      retry = ms;
    },
    onComment: (comment) => comments.push(comment),
  });
  parser.feed(text);
  return { events, lastEventId, retry, comments };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
