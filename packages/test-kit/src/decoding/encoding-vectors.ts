import { type DecodingVector, event, toBytes, vector } from "./decoding-vector.ts";

const oneBom = "The stream is decoded as UTF-8, which removes one byte order mark at its start and only there.";
const malformed = "Each malformed UTF-8 sequence becomes U+FFFD and decoding goes on.";
const wellFormed = "The stream is decoded as UTF-8, and a value may hold any character but CR and LF.";
const nulAllowed = "U+0000 is a character like any other, except in the value of id.";
const onlyUtf8 = "The stream is always UTF-8; nothing in it selects another encoding.";

const bom = [0xef, 0xbb, 0xbf];

/** Byte order marks, malformed UTF-8, characters of every length. */
export const encodingVectors: readonly DecodingVector[] = [
  vector("one BOM at the start is removed", oneBom, toBytes(bom, "data: a\n\n"), { events: [event("a")] }),
  vector("a BOM before a comment is removed", oneBom, toBytes(bom, ": c\ndata: a\n\n"), { events: [event("a")] }),
  vector("a BOM alone is an empty stream", oneBom, toBytes(bom)),
  vector("a BOM before a blank line leaves the line blank", oneBom, toBytes(bom, "\ndata: a\n\n"), {
    events: [event("a")],
  }),
  vector("a second BOM belongs to the name of the first field", oneBom, toBytes(bom, bom, "data: a\n\ndata: b\n\n"), {
    events: [event("b")],
  }),
  vector("a second BOM spoils only its own line", oneBom, toBytes(bom, bom, "data: a\ndata: b\n\n"), {
    events: [event("b")],
  }),
  vector("a BOM before a later line belongs to its field name", oneBom, "data: a\n\uFEFFdata: b\n\n", {
    events: [event("a")],
  }),
  vector("a BOM after a leading blank line is not at the start", oneBom, toBytes("\n", bom, "data: a\n\n")),
  vector("a BOM before a later block belongs to its field name", oneBom, "data: a\n\n\uFEFFdata: b\n\ndata: c\n\n", {
    events: [event("a"), event("c")],
  }),
  vector("U+FEFF at the start of a value is kept", oneBom, "data:\uFEFFa\n\n", { events: [event("\uFEFFa")] }),
  vector("U+FEFF inside a value is kept", oneBom, "data: a\uFEFFb\uFEFF\n\n", { events: [event("a\uFEFFb\uFEFF")] }),
  vector("U+FEFF is kept in event and id", oneBom, "event: \uFEFFe\nid: \uFEFF1\ndata: a\n\n", {
    events: [event("a", "\uFEFF1", "\uFEFFe")],
    cursor: "\uFEFF1",
  }),
  vector(
    "the characters U+00EF U+00BB U+00BF at the start are not a BOM",
    oneBom,
    "\u00EF\u00BB\u00BFdata: a\n\ndata: b\n\n",
    { events: [event("b")] },
  ),
  vector(
    "the characters U+00EF U+00BB U+00BF after a BOM stay",
    oneBom,
    toBytes(bom, "\u00EF\u00BB\u00BFdata: a\n\ndata: b\n\n"),
    { events: [event("b")] },
  ),
  vector("a BOM without its last byte is malformed", malformed, toBytes([0xef, 0xbb], "data: a\n\ndata: b\n\n"), {
    events: [event("b")],
  }),
  vector("a UTF-16 BOM is malformed UTF-8", onlyUtf8, toBytes([0xff, 0xfe], "data: a\n\ndata: b\n\n"), {
    events: [event("b")],
  }),
  vector("a latin1 letter is malformed UTF-8", onlyUtf8, toBytes("data: caf", [0xe9], "\n\n"), {
    events: [event("caf\uFFFD")],
  }),
  vector("a lone continuation byte becomes U+FFFD", malformed, toBytes("data: a", [0x80], "b\n\n"), {
    events: [event("a\uFFFDb")],
  }),
  vector("each lone continuation byte becomes U+FFFD", malformed, toBytes("data: ", [0x80, 0xbf, 0x80], "\n\n"), {
    events: [event("\uFFFD\uFFFD\uFFFD")],
  }),
  vector("bytes that never occur in UTF-8 become U+FFFD", malformed, toBytes("data: ", [0xff, 0xfe, 0xf5], "\n\n"), {
    events: [event("\uFFFD\uFFFD\uFFFD")],
  }),
  vector("a sequence cut by another character is one U+FFFD", malformed, toBytes("data: ", [0xe2, 0x82], "x\n\n"), {
    events: [event("\uFFFDx")],
  }),
  vector("a sequence cut by LF does not swallow it", malformed, toBytes("data: ", [0xf0, 0x9f, 0x98], "\n\n"), {
    events: [event("\uFFFD")],
  }),
  vector("a sequence cut by CR does not swallow it", malformed, toBytes("data: ", [0xc3], "\r\r"), {
    events: [event("\uFFFD")],
  }),
  vector("a sequence cut by a whole character keeps it", malformed, toBytes("data: ", [0xf0, 0x9f], "\u20AC\n\n"), {
    events: [event("\uFFFD\u20AC")],
  }),
  vector("a surrogate as UTF-8 is three U+FFFD", malformed, toBytes("data: ", [0xed, 0xa0, 0x80], "\n\n"), {
    events: [event("\uFFFD\uFFFD\uFFFD")],
  }),
  vector(
    "a surrogate pair as UTF-8 is six U+FFFD",
    malformed,
    toBytes("data: ", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], "\n\n"),
    { events: [event("\uFFFD".repeat(6))] },
  ),
  vector("an overlong NUL is two U+FFFD", malformed, toBytes("data: ", [0xc0, 0x80], "\n\n"), {
    events: [event("\uFFFD\uFFFD")],
  }),
  vector("an overlong LF ends no line", malformed, toBytes("data: a", [0xe0, 0x80, 0x8a], "b\n\n"), {
    events: [event("a\uFFFD\uFFFD\uFFFDb")],
  }),
  vector("a value above U+10FFFF is four U+FFFD", malformed, toBytes("data: ", [0xf4, 0x90, 0x80, 0x80], "\n\n"), {
    events: [event("\uFFFD\uFFFD\uFFFD\uFFFD")],
  }),
  vector("a malformed byte in a field name makes it unknown", malformed, toBytes("da", [0x80], "ta: a\n\n")),
  vector(
    "malformed bytes in event and id",
    malformed,
    toBytes("event: e", [0xff], "\nid: 1", [0x80], "\ndata: a\n\n"),
    {
      events: [event("a", "1\uFFFD", "e\uFFFD")],
      cursor: "1\uFFFD",
    },
  ),
  vector("a stream ending inside a character loses the block", malformed, toBytes("data: a\n\ndata: ", [0xe2, 0x82]), {
    events: [event("a")],
  }),
  vector("characters of two, three and four bytes", wellFormed, "data: \u00E9\u20AC\u{1F600}\n\n", {
    events: [event("\u00E9\u20AC\u{1F600}")],
  }),
  vector("emoji joined by zero-width joiners", wellFormed, "data: \u{1F468}\u200D\u{1F469}\u200D\u{1F467}\n\n", {
    events: [event("\u{1F468}\u200D\u{1F469}\u200D\u{1F467}")],
  }),
  vector(
    "the first and last code points of each length",
    wellFormed,
    "data: \x7F\x80\u07FF\u0800\uFFFF\u{10000}\u{10FFFF}\n\n",
    {
      events: [event("\x7F\x80\u07FF\u0800\uFFFF\u{10000}\u{10FFFF}")],
    },
  ),
  vector("U+FFFD in the stream is a character", wellFormed, "data: \uFFFD\n\n", { events: [event("\uFFFD")] }),
  vector("characters are not normalised", wellFormed, "data: e\u0301\u00E9\n\n", { events: [event("e\u0301\u00E9")] }),
  vector("NUL in data is kept", nulAllowed, "data: a\0b\0\n\n", { events: [event("a\0b\0")] }),
  vector("NUL alone is data", nulAllowed, "data:\0\n\n", { events: [event("\0")] }),
  vector("NUL in event is kept", nulAllowed, "event: e\0\ndata: a\n\n", { events: [event("a", "", "e\0")] }),
  vector("NUL in a field name makes it unknown", nulAllowed, "data\0: a\n\0data: b\ndata: c\n\n", {
    events: [event("c")],
  }),
];
