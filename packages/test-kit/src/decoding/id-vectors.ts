import { type DecodingVector, event, vector } from "./decoding-vector.ts";

const sticky = "Only an id field changes the last event ID buffer, so an id stays in force for later events.";
const reset = "An id field with an empty value sets the last event ID to the empty string, and no header is sent.";
const nul = "An id whose value contains U+0000 is ignored.";
const committed = "Each blank line makes the buffer the last event ID, even when there is no data to dispatch.";
const cutOff = "What follows the last blank line is discarded when the stream ends, its id included.";
const verbatim = "The value of id is taken as it is.";

/** The last event ID: what sets it, when, and what a reconnect sends. */
export const idVectors: readonly DecodingVector[] = [
  vector("an id belongs to its event", committed, "id: 1\ndata: a\n\n", { events: [event("a", "1")], cursor: "1" }),
  vector("an id after data", committed, "data: a\nid: 1\n\n", { events: [event("a", "1")], cursor: "1" }),
  vector("the last id of a block wins", committed, "id: 1\ndata: a\nid: 2\n\n", {
    events: [event("a", "2")],
    cursor: "2",
  }),
  vector("events without an id report the previous one", sticky, "id: 1\ndata: a\n\ndata: b\n\nevent: e\ndata: c\n\n", {
    events: [event("a", "1"), event("b", "1"), event("c", "1", "e")],
    cursor: "1",
  }),
  vector("an event before the first id has none", sticky, "data: a\n\nid: 1\ndata: b\n\n", {
    events: [event("a"), event("b", "1")],
    cursor: "1",
  }),
  vector("comments and blank lines leave the id", sticky, "id: 1\n\n: c\n\n\nretry: 5\n\ndata: a\n\n", {
    events: [event("a", "1")],
    cursor: "1",
    retryMs: 5,
  }),
  vector("an empty id resets", reset, "id: 1\ndata: a\n\nid:\ndata: b\n\n", {
    events: [event("a", "1"), event("b")],
  }),
  vector("an id of one space resets", reset, "id: 1\ndata: a\n\nid: \ndata: b\n\n", {
    events: [event("a", "1"), event("b")],
  }),
  vector("an id without a colon resets", reset, "id: 1\ndata: a\n\nid\ndata: b\n\n", {
    events: [event("a", "1"), event("b")],
  }),
  vector("an empty id resets without data too", reset, "id: 1\ndata: a\n\nid\n\n", { events: [event("a", "1")] }),
  vector("an empty id takes back one of the same block", reset, "id: 1\nid:\ndata: a\n\n", { events: [event("a")] }),
  vector("an id after an empty one", reset, "id:\nid: 1\ndata: a\n\n", { events: [event("a", "1")], cursor: "1" }),
  vector("an id with NUL is ignored", nul, "id: 1\0\ndata: a\n\n", { events: [event("a")] }),
  vector("an id of NUL alone is ignored, not empty", nul, "id: 1\ndata: a\n\nid: \0\ndata: b\n\n", {
    events: [event("a", "1"), event("b", "1")],
    cursor: "1",
  }),
  vector("an id that starts with NUL is ignored", nul, "id: 1\n\nid:\x002\ndata: a\n\n", {
    events: [event("a", "1")],
    cursor: "1",
  }),
  vector("an id with NUL leaves an earlier id of its block", nul, "id: 1\nid: 2\x003\ndata: a\n\n", {
    events: [event("a", "1")],
    cursor: "1",
  }),
  vector("an id after one with NUL", nul, "id: 1\x002\nid: 3\ndata: a\n\n", { events: [event("a", "3")], cursor: "3" }),
  vector("an id alone moves the cursor", committed, "id: 9\n\n", { cursor: "9" }),
  vector("an id alone shows on the next event", committed, "id: 9\n\ndata: a\n\n", {
    events: [event("a", "9")],
    cursor: "9",
  }),
  vector("an id with an event but no data moves the cursor", committed, "id: 1\ndata: a\n\nid: 2\nevent: e\n\n", {
    events: [event("a", "1")],
    cursor: "2",
  }),
  vector("a later id alone replaces an earlier one", committed, "id: 1\n\nid: 2\n\nid: 3\n\n", { cursor: "3" }),
  vector("an id cut off by the end is not committed", cutOff, "id: 1\ndata: a\n\nid: 2\ndata: b\n", {
    events: [event("a", "1")],
    cursor: "1",
  }),
  vector("an id line cut off by the end is not committed", cutOff, "id: 1\ndata: a\n\nid: 2", {
    events: [event("a", "1")],
    cursor: "1",
  }),
  vector("an id alone cut off by the end is not committed", cutOff, "id: 1\n"),
  vector("an empty id cut off by the end does not reset", cutOff, "id: 1\n\nid:\n", { cursor: "1" }),
  vector("an id beyond latin1", verbatim, "id: \u20AC7\ndata: a\n\n", {
    events: [event("a", "\u20AC7")],
    cursor: "\u20AC7",
  }),
  vector("an id within latin1 but beyond ASCII", verbatim, "id: \u00FC7\ndata: a\n\n", {
    events: [event("a", "\u00FC7")],
    cursor: "\u00FC7",
  }),
  vector("an id of four-byte characters", verbatim, "id: \u{1F600}\ndata: a\n\n", {
    events: [event("a", "\u{1F600}")],
    cursor: "\u{1F600}",
  }),
  vector("an id with colons, spaces, commas and quotes", verbatim, 'id: a:b, "c" d\ndata: a\n\n', {
    events: [event("a", 'a:b, "c" d')],
    cursor: 'a:b, "c" d',
  }),
  vector("ids are text, not numbers", verbatim, "id: 007\ndata: a\n\nid: 1e3\ndata: b\n\nid: -0\ndata: c\n\n", {
    events: [event("a", "007"), event("b", "1e3"), event("c", "-0")],
    cursor: "-0",
  }),
  vector("an id of 4096 characters", verbatim, `id: ${"x".repeat(4096)}\ndata: a\n\n`, {
    events: [event("a", "x".repeat(4096))],
    cursor: "x".repeat(4096),
  }),
];
