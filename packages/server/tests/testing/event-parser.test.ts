import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, createEventParser } from "../../src/testing/event-parser.ts";

const encoder = new TextEncoder();

function parse(chunks: readonly Uint8Array[]): Block[] {
  const blocks: Block[] = [];
  const parser = createEventParser((block) => blocks.push(block));
  for (const chunk of chunks) parser.feed(chunk);
  return blocks;
}

const parseText = (text: string) => parse([encoder.encode(text)]);

/** What is dispatched, with the last event id at that moment, and the last one of all. */
function outcome(blocks: readonly Block[]) {
  let id: string | undefined;
  const events: unknown[] = [];
  for (const block of blocks) {
    if (block.id !== undefined) id = block.id;
    if (block.data !== undefined) events.push([block.event || "message", block.data]);
  }
  return { events, id, comments: blocks.flatMap(({ comments }) => comments) };
}

function reference(text: string) {
  const events: unknown[] = [];
  const comments: string[] = [];
  let id: string | undefined;
  const parser = createParser({
    onEvent: ({ event, data }) => events.push([event || "message", data]),
    onId: (next) => {
      id = next ?? "";
    },
    onComment: (comment) => comments.push(comment),
  });
  parser.feed(text);
  return { events, id, comments };
}

// SPEC 125
describe("the test client's parser", () => {
  it.each<[string, string, Partial<Block>[]]>([
    ["a block that is not ended", "data: 1\nid: 2\n", []],
    ["a block of an event without data", "event: a\n\n", []],
    ["an event's name in the next block", "event: a\n\ndata: 1\n\n", [{ event: "", data: "1" }]],
    ["an id with NUL", "id: 1\0\ndata: 1\n\n", [{ id: undefined, data: "1" }]],
    ["an id with NUL after another", "id: 1\nid: \0\n\n", [{ id: "1" }]],
    ["unknown fields and other cases", "Data: 1\ndata : 2\n data: 3\nretry: 4\n\n", []],
    ["a second space", "data:  1\n\n", [{ data: " 1" }]],
  ])("reads nothing into %s", (_name, text, expected) => {
    expect(parseText(text)).toEqual(expected.map((block) => expect.objectContaining(block)));
  });

  it("reads names, ids, comments and data of several lines, with any line break", () => {
    const text = "\uFEFF: hello\nid: 7\r\nevent:a\rdata: 1\ndata\r\ndata:2\n\nid\n\n:\n\n";
    expect(parseText(text)).toEqual([
      { event: "a", id: "7", data: "1\n\n2", comments: ["hello"] },
      { event: "", id: "", data: undefined, comments: [] },
      { event: "", id: undefined, data: undefined, comments: [""] },
    ]);
  });

  it("reads the same however the bytes are cut", () => {
    const text = ": \u20AC\r\nid: \u{1F600}\r\n\r\ndata: \u00E4\r\r\ndata: 2\n\r\ndata: 3\r\n\n";
    const bytes = encoder.encode(text);
    const whole = parseText(text);
    expect(whole.length).toBeGreaterThan(3);
    expect(parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
    for (let at = 0; at <= bytes.length; at++)
      expect(parse([bytes.subarray(0, at), new Uint8Array(), bytes.subarray(at)])).toEqual(whole);
  });

  it("agrees with another parser about any text, in any pieces", () => {
    const piece = fc.constantFrom(
      "data",
      "event",
      "id",
      ":",
      ": ",
      " ",
      "\n",
      "\r",
      "\r\n",
      "\n\n",
      "x",
      "\u20AC",
      "7",
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => `${pieces.join("")}\n\n`);
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (stream, size) => {
        const bytes = encoder.encode(stream);
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        expect(outcome(parse(chunks))).toEqual(reference(stream));
      }),
      { numRuns: 2_000 },
    );
  });
});
