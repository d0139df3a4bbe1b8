import { type DecodingVector, event, toBytes, vector } from "./decoding-vector.ts";

const noData = "At a blank line with an empty data buffer nothing is dispatched and the event type is reset.";
const cutOff = "A block without its blank line is discarded when the stream ends.";
const independent = "Each block is dispatched by itself, in order.";
const anyLength = "Lines and values have no length limit.";

const count = 1000;
const numbers = Array.from({ length: count }, (_, index) => index);
const long = "x".repeat(64 * 1024);
const text = "The quick brown fox \u2192 \u{1F98A}";

/** Whole blocks: what they dispatch, how they end, how large and how many they are. */
export const blockVectors: readonly DecodingVector[] = [
  vector("a block without data dispatches nothing", noData, "event: e\nid: 1\nretry: 5\n\n", {
    cursor: "1",
    retryMs: 5,
  }),
  vector("blocks without data between others", noData, "data: a\n\nevent: e\n\nid: 1\n\n: c\n\ndata: b\n\n", {
    events: [event("a"), event("b", "1")],
    cursor: "1",
  }),
  vector("all fields in one block", independent, "id: 1\nevent: e\nretry: 5\ndata: a\n\n", {
    events: [event("a", "1", "e")],
    cursor: "1",
    retryMs: 5,
  }),
  vector("all fields, each in the block before", independent, "id: 1\n\nevent: e\n\nretry: 5\n\ndata: a\n\n", {
    events: [event("a", "1")],
    cursor: "1",
    retryMs: 5,
  }),
  vector("a block cut off after its line", cutOff, "data: a\n\ndata: b\n", { events: [event("a")] }),
  vector("a block cut off within its line", cutOff, "data: a\n\ndata: b", { events: [event("a")] }),
  vector("a block cut off after its CRLF", cutOff, "data: a\r\n\r\ndata: b\r\n", { events: [event("a")] }),
  vector("a block cut off within a field name", cutOff, "data: a\n\nda", { events: [event("a")] }),
  vector("a block cut off after its type", cutOff, "event: e\ndata: a\n\nevent: f\n", {
    events: [event("a", "", "e")],
  }),
  vector("the only block is cut off", cutOff, "event: e\nid: 1\ndata: a\n"),
  vector("a space in place of the blank line", cutOff, "data: a\n "),
  vector("a comment cut off by the end", cutOff, "data: a\n\n: c", { events: [event("a")] }),
  vector("a comment in place of the blank line", cutOff, "data: a\n:\n"),
  vector("JSON over several lines", independent, 'data: {\ndata:   "a": 1\ndata: }\n\n', {
    events: [event('{\n  "a": 1\n}')],
  }),
  vector("one letter per event", independent, [...text].map((letter) => `data:${letter}\n\n`).join(""), {
    // A letter that is a space is the one space removed.
    events: [...text].map((letter) => event(letter === " " ? "" : letter)),
  }),
  vector("many events with ids", independent, numbers.map((n) => `id: ${n}\ndata: ${n}\n\n`).join(""), {
    events: numbers.map((n) => event(String(n), String(n))),
    cursor: String(count - 1),
  }),
  vector("many data lines", anyLength, `${numbers.map((n) => `data: ${n}\r\n`).join("")}\r\n`, {
    events: [event(numbers.join("\n"))],
  }),
  vector("a data line of 64 KiB", anyLength, `data: ${long}\n\n`, { events: [event(long)] }),
  vector("a comment of 64 KiB", anyLength, `: ${long}\ndata: a\n\n`, { events: [event("a")] }),
  vector("a field name of 64 KiB", anyLength, `${long}: a\ndata: b\n\n`, { events: [event("b")] }),
  vector("heartbeats between events", independent, "data: a\n\n:\n\n:\n\n: ping\n\ndata: b\n\n:\n\n", {
    events: [event("a"), event("b")],
  }),
  vector("equal events are all dispatched", independent, "data: a\n\ndata: a\n\ndata: a\n\n", {
    events: [event("a"), event("a"), event("a")],
  }),
  vector(
    "a whole stream with a BOM, padding, ids, types and an end inside a block",
    independent,
    toBytes(
      [0xef, 0xbb, 0xbf],
      `:${" ".repeat(2048)}\nretry: 2500\n\nid: a.1\nevent: price\ndata: {"p":1}\n\n: ping\n\n`,
      "id: a.2\r\ndata: caf\u00E9\r\ndata:\r\n\r\nid: a.3\n\nid: a.4\ndata: lost",
    ),
    { events: [event('{"p":1}', "a.1", "price"), event("caf\u00E9\n", "a.2")], cursor: "a.3", retryMs: 2500 },
  ),
];
