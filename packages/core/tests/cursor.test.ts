import { describe, expect, test } from "vitest";
import { advance, type Cursor, isAtOrBefore } from "../src/channels/cursor.ts";

const createCursor = (contract: boolean): Cursor => ({
  contract,
  resume: null,
  transport: "fetch",
  retryMs: 0,
  lastEventId: "",
});

// SPEC 40
describe("order of ids", () => {
  test.each([
    ["abc123.9", "abc123.a", true],
    ["abc123.a", "abc123.9", false],
    ["abc123.z", "abc123.10", true],
    ["abc123.10", "abc123.10", true],
    ["abc123.mhx3k2f8-9", "abc123.mhx3k2f8-a", true],
    ["abc123.mhx3k2f8-10", "abc123.mhx3k2f8-z", false],
    ["abc123.mhx3k2f9-0", "abc123.mhx3k2f8-zz", false],
    ["abc123.1", "zzz999.5", false],
    ["abc123.1_5", "abc123.1_4", false],
    ["abc123.1_4", "abc123.1_4", false],
    ["opaque", "opaque", false],
    ["17", "18", false],
    ["abc123.1", "", false],
    ["", "abc123.1", false],
  ])("%s is at or before %s: %s", (id, other, answer) => expect(isAtOrBefore(id, other)).toBe(answer));
});

// SPEC 40
test("ids of one length whose two parts differ in length are ordered by the first part", () => {
  const cursor = createCursor(true);
  expect(advance(cursor, "abc123.10-9")).toBe(true);
  expect(advance(cursor, "abc123.9-10")).toBe(false);
  expect(cursor.lastEventId).toBe("abc123.10-9");
});

test("in plain mode every id is taken, also a repeated one", () => {
  const cursor = createCursor(false);
  expect([advance(cursor, "abc123.5"), advance(cursor, "abc123.5"), advance(cursor, "abc123.1")]).toEqual([
    true,
    true,
    true,
  ]);
  expect(cursor.lastEventId).toBe("abc123.1");
});

// SPEC 41
test("in contract mode what was received before is told and does not move the cursor back", () => {
  const cursor = createCursor(true);
  expect(advance(cursor, "abc123.5")).toBe(true);
  expect(advance(cursor, "abc123.4")).toBe(false);
  expect(advance(cursor, "abc123.5")).toBe(false);
  expect(cursor.lastEventId).toBe("abc123.5");
});

test("the same position in a new epoch is new", () => {
  const cursor = createCursor(true);
  advance(cursor, "abc123.5");
  expect(advance(cursor, "def456.5")).toBe(true);
  expect(cursor.lastEventId).toBe("def456.5");
});

test("an empty id resets", () => {
  const cursor = createCursor(true);
  advance(cursor, "abc123.5");
  advance(cursor, "");
  expect(cursor.lastEventId).toBe("");
});
