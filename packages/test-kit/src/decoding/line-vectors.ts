import { type DecodingVector, event, vector } from "./decoding-vector.ts";

const terminators = "CRLF, LF and CR each end a line, and CRLF is one terminator.";
const notTerminators = "Nothing but CRLF, LF and CR ends a line.";
const crAtEnd = "CR ends its line by itself; the terminator does not wait to see whether LF follows.";
const blank = "A blank line dispatches the event; with nothing collected it does nothing.";

/** What ends a line and what does not. */
export const lineVectors: readonly DecodingVector[] = [
  vector("lines end with LF", terminators, "data: a\ndata: b\n\n", { events: [event("a\nb")] }),
  vector("lines end with CRLF", terminators, "data: a\r\ndata: b\r\n\r\n", { events: [event("a\nb")] }),
  vector("lines end with CR", terminators, "data: a\rdata: b\r\rdata: c\r\r", { events: [event("a\nb"), event("c")] }),
  vector("terminators are mixed within a block", terminators, "data: a\rdata: b\ndata: c\r\ndata: d\n\r", {
    events: [event("a\nb\nc\nd")],
  }),
  vector("CR CR is two terminators", terminators, "data: a\r\rdata: b\n\n", { events: [event("a"), event("b")] }),
  vector("LF CR is two terminators", terminators, "data: a\n\rdata: b\n\n", { events: [event("a"), event("b")] }),
  vector("CR LF is one terminator", terminators, "data: a\r\ndata: b\n\n", { events: [event("a\nb")] }),
  vector("CR CRLF is two terminators", terminators, "data: a\r\r\ndata: b\r\r\n", { events: [event("a"), event("b")] }),
  vector("CRLF CR is two terminators", terminators, "data: a\r\n\rdata: b\n\n", { events: [event("a"), event("b")] }),
  vector("CRLF LF is two terminators", terminators, "data: a\r\n\ndata: b\n\n", { events: [event("a"), event("b")] }),
  vector("LF CRLF is two terminators", terminators, "data: a\n\r\ndata: b\n\n", { events: [event("a"), event("b")] }),
  vector("LF CR LF CR is three terminators", terminators, "data: a\n\r\n\rdata: b\n\n", {
    events: [event("a"), event("b")],
  }),
  vector("CR inside a value ends the line", terminators, "data: a\rb: c\n\n", { events: [event("a")] }),
  vector("CR right after the colon ends the line", terminators, "data:\rdata:\r\r", { events: [event("\n")] }),
  vector("CRLF after a comment", terminators, ": c\r\ndata: a\r\n\r\n", { events: [event("a")] }),
  vector("one CRLF after a line is no blank line", terminators, "data: a\r\n"),
  vector("CR CR at the end dispatches", crAtEnd, "data: a\r\r", { events: [event("a")] }),
  vector("LF CR at the end dispatches", crAtEnd, "data: a\n\r", { events: [event("a")] }),
  vector("CRLF CR at the end dispatches", crAtEnd, "data: a\r\n\r", { events: [event("a")] }),
  vector("one CR at the end ends the line but not the block", crAtEnd, "data: a\r"),
  vector("CR at the end commits an id", crAtEnd, "id: 1\r\r", { cursor: "1" }),
  vector("leading blank lines do nothing", blank, "\n\r\n\rdata: a\n\n", { events: [event("a")] }),
  vector("further blank lines dispatch nothing", blank, "data: a\n\n\n\n\r\n\rdata: b\n\n\n", {
    events: [event("a"), event("b")],
  }),
  vector("a stream of blank lines", blank, "\n\r\r\n\n"),
  vector("an empty stream", blank, ""),
  vector("a line with one space is not blank", blank, "data: a\n \ndata: b\n\n", { events: [event("a\nb")] }),
  vector("U+2028 and U+2029 end no line", notTerminators, "data: a\u2028data: b\u2029data: c\n\n", {
    events: [event("a\u2028data: b\u2029data: c")],
  }),
  vector("U+0085 ends no line", notTerminators, "data: a\u0085\u0085data: b\n\n", {
    events: [event("a\u0085\u0085data: b")],
  }),
  vector("VT and FF end no line", notTerminators, "data: a\v\vdata: b\f\fdata: c\n\n", {
    events: [event("a\v\vdata: b\f\fdata: c")],
  }),
  vector("the separators U+001C to U+001E end no line", notTerminators, "data: a\x1C\x1D\x1Eb\n\n", {
    events: [event("a\x1C\x1D\x1Eb")],
  }),
  vector("characters whose code ends in 0A or 0D end no line", notTerminators, "data: \u010A\u010D\u200A\u0A0D\n\n", {
    events: [event("\u010A\u010D\u200A\u0A0D")],
  }),
  vector("a backslash and n end no line", notTerminators, "data: a\\n\\ndata: b\n\n", {
    events: [event("a\\n\\ndata: b")],
  }),
];
