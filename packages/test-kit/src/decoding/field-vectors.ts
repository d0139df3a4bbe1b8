import { type DecodingVector, event, vector } from "./decoding-vector.ts";

const firstColon = "The first colon of a line ends the field name; all after it is the value.";
const oneSpace = "If the value starts with U+0020, that one character is removed; nothing else is trimmed.";
const noColon = "A line without a colon is a field name with an empty value.";
const comment = "A line that starts with a colon is a comment.";
const unknownField = "A field whose name is not exactly event, data, id or retry is ignored.";
const dataLines = "Each data field appends its value and an LF; dispatch removes the one LF at the end.";
const eventType = "event replaces the event type; an empty type means message.";

/** Names, colons, spaces, comments, data and event. */
export const fieldVectors: readonly DecodingVector[] = [
  vector("one space after the colon is removed", oneSpace, "data: a\n\n", { events: [event("a")] }),
  vector("no space after the colon", oneSpace, "data:a\n\n", { events: [event("a")] }),
  vector("only one of two spaces is removed", oneSpace, "data:  a\n\n", { events: [event(" a")] }),
  vector("trailing spaces and tabs stay", oneSpace, "data: a \t \n\n", { events: [event("a \t ")] }),
  vector("a tab after the colon stays", oneSpace, "data:\ta\n\n", { events: [event("\ta")] }),
  vector("a tab after the space stays", oneSpace, "data: \ta\n\n", { events: [event("\ta")] }),
  vector("other white space after the colon stays", oneSpace, "data:\u00A0a\ndata:\u3000b\ndata:\u2003c\n\n", {
    events: [event("\u00A0a\n\u3000b\n\u2003c")],
  }),
  vector("a value of one space is empty", oneSpace, "data: \n\n", { events: [event("")] }),
  vector("a value of two spaces is one space", oneSpace, "data:  \n\n", { events: [event(" ")] }),
  vector("one space is removed from event and id too", oneSpace, "event:  e \nid:  1 \ndata: a\n\n", {
    events: [event("a", " 1 ", " e ")],
    cursor: " 1 ",
  }),
  vector("colons in the value stay", firstColon, "data: a:b: c:\n\n", { events: [event("a:b: c:")] }),
  vector("a value that starts with a colon", firstColon, "data::a\ndata: :b\n\n", { events: [event(":a\n:b")] }),
  vector("a space before the colon belongs to the name", firstColon, "data : a\nid : 1\ndata: b\n\n", {
    events: [event("b")],
  }),
  vector("a value that looks like a field", firstColon, "data: id: 9\ndata: event: x\n\n", {
    events: [event("id: 9\nevent: x")],
  }),
  vector("data without a colon is an empty line", noColon, "data\n\n", { events: [event("")] }),
  vector("data without a colon, twice", noColon, "data\ndata\n\n", { events: [event("\n")] }),
  vector("event without a colon clears the type", noColon, "event: e\nevent\ndata: a\n\n", { events: [event("a")] }),
  vector("a name that only starts like a field", noColon, "database\ndata_1\ndata a\n\n"),
  vector("an empty data line counts", dataLines, "data:\n\n", { events: [event("")] }),
  vector("an empty data line before another", dataLines, "data:\ndata:x\n\n", { events: [event("\nx")] }),
  vector("only one LF at the end is removed", dataLines, "data: a\ndata:\ndata\n\n", { events: [event("a\n\n")] }),
  vector("three empty data lines", dataLines, "data:\ndata: \ndata\n\n", { events: [event("\n\n")] }),
  vector("empty and full blocks in turn", dataLines, "data:\n\ndata\ndata\n\ndata:test\n\n", {
    events: [event(""), event("\n"), event("test")],
  }),
  vector("data lines apart in a block are joined", dataLines, "data: a\nevent: e\n: c\nx: y\ndata: b\n\n", {
    events: [event("a\nb", "", "e")],
  }),
  vector("data does not carry over to the next block", dataLines, "data: a\n\ndata: b\n\n", {
    events: [event("a"), event("b")],
  }),
  vector("a comment is ignored", comment, ": data: a\n:data: b\n:\ndata: c\n\n", { events: [event("c")] }),
  vector("a comment does not end a block", comment, "data: a\n: c\ndata: b\n\n", { events: [event("a\nb")] }),
  vector("a comment in a block of its own dispatches nothing", comment, ": a\n\n:\n\ndata: b\n\n", {
    events: [event("b")],
  }),
  vector("a space before the colon of a comment makes it a field", unknownField, " : c\ndata: a\n\n", {
    events: [event("a")],
  }),
  vector("unknown fields are ignored", unknownField, "foo: 1\ndata: a\nfoo\nda-ta: 2\nconstructor: 3\n\n", {
    events: [event("a")],
  }),
  vector(
    "field names are case-sensitive",
    unknownField,
    "Data: a\nDATA: b\nEvent: e\nEVENT: f\nID: 1\nId: 2\nRetry: 5\nRETRY: 6\ndata: c\n\n",
    { events: [event("c")] },
  ),
  vector("a name with leading white space is unknown", unknownField, " data: a\n\tdata: b\n id: 1\ndata: c\n\n", {
    events: [event("c")],
  }),
  vector("a block of unknown fields dispatches nothing", unknownField, "foo: 1\n\nbar\n\n"),
  vector(
    "names, colons and terminators all at once",
    unknownField,
    "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
    {
      events: [event("\0\n 2\n1\n3\n\n4")],
    },
  ),
  vector("event names the type", eventType, "event: e\ndata: a\n\n", { events: [event("a", "", "e")] }),
  vector("event after data", eventType, "data: a\nevent: e\n\n", { events: [event("a", "", "e")] }),
  vector("the last event of a block wins", eventType, "event: e\ndata: a\nevent: f\n\n", {
    events: [event("a", "", "f")],
  }),
  vector("an empty event means message", eventType, "event:\ndata: a\n\nevent: \ndata: b\n\n", {
    events: [event("a"), event("b")],
  }),
  vector("an empty event clears an earlier one", eventType, "event: e\nevent:\ndata: a\n\n", { events: [event("a")] }),
  vector("event: message is the default type", eventType, "event: message\ndata: a\n\n", { events: [event("a")] }),
  vector("the type lasts for one block", eventType, "event: e\ndata: a\n\ndata: b\n\n", {
    events: [event("a", "", "e"), event("b")],
  }),
  vector("a block without data resets the type", eventType, "event: e\n\ndata: a\n\n", { events: [event("a")] }),
  vector("any text is a type", eventType, "event: a b:\u20AC\u{1F600}\ndata: 1\n\nevent: __proto__\ndata: 2\n\n", {
    events: [event("1", "", "a b:\u20AC\u{1F600}"), event("2", "", "__proto__")],
  }),
  vector("types named like lifecycle events", eventType, "event: error\ndata: 1\n\nevent: open\ndata: 2\n\n", {
    events: [event("1", "", "error"), event("2", "", "open")],
  }),
];
