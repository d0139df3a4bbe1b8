import { describe, expect, test } from "vitest";
import { createParser } from "../src/transport/parser.ts";

const PIECE = "x".repeat(1_000);
const PIECES = 10_000;

function read(maxEventChars: number) {
  const sizes: number[] = [];
  const parse = createParser(
    { id: () => {}, retry: () => {}, event: ({ data }) => sizes.push(data.length) },
    maxEventChars,
  );
  return { parse, sizes };
}

// SPEC 52
describe("a line of 10 MB in pieces of 1 kB", () => {
  // Copying what has come at every piece would move 50 GB: the time limit of a test is far below that.
  test("is read in a time in proportion to its length", () => {
    const { parse, sizes } = read(PIECE.length * PIECES + 10);
    parse("data: ");
    for (let count = 0; count < PIECES; count++) parse(PIECE);
    parse("\n\n");
    expect(sizes).toEqual([PIECE.length * PIECES]);
  });

  test("is given up at the bound, before the rest has come", () => {
    const { parse } = read(8_000_000);
    let taken = 0;
    parse("data: ");
    expect(() => {
      for (; taken < PIECES; taken++) parse(PIECE);
    }).toThrow(expect.objectContaining({ code: "too-large" }));
    expect(taken * PIECE.length).toBeLessThanOrEqual(8_000_000);
  });

  test("is nothing where it is a comment", () => {
    const { parse, sizes } = read(1_000);
    parse(": ");
    for (let count = 0; count < PIECES; count++) parse(PIECE);
    parse("\ndata: 1\n\n");
    expect(sizes).toEqual([1]);
  });

  test("of many data lines in one event takes no longer", () => {
    const { parse, sizes } = read((PIECE.length + 10) * PIECES);
    for (let count = 0; count < PIECES; count++) parse(`data: ${PIECE}\n`);
    parse("\n");
    expect(sizes).toEqual([(PIECE.length + 1) * PIECES - 1]);
  });
});
