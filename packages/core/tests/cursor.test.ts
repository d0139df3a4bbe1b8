import { describe, expect, test } from "vitest";
import { createCursor, isAtOrBefore } from "../src/channels/cursor.ts";

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
    ["opaque", "opaque", false],
    ["17", "18", false],
    ["abc123.1", "", false],
    ["", "abc123.1", false],
  ])("%s is at or before %s: %s", (id, other, answer) => expect(isAtOrBefore(id, other)).toBe(answer));
});

test("in plain mode every id is taken, also a repeated one", () => {
  const cursor = createCursor(false);
  expect([cursor.advance("abc123.5"), cursor.advance("abc123.5"), cursor.advance("abc123.1")]).toEqual([
    true,
    true,
    true,
  ]);
  expect(cursor.lastEventId).toBe("abc123.1");
});

// SPEC 41
test("in contract mode what was received before is told and does not move the cursor back", () => {
  const cursor = createCursor(true);
  expect(cursor.advance("abc123.5")).toBe(true);
  expect(cursor.advance("abc123.4")).toBe(false);
  expect(cursor.advance("abc123.5")).toBe(false);
  expect(cursor.lastEventId).toBe("abc123.5");
});

test("the same position in a new epoch is new", () => {
  const cursor = createCursor(true);
  cursor.advance("abc123.5");
  expect(cursor.advance("def456.5")).toBe(true);
  expect(cursor.lastEventId).toBe("def456.5");
});

test("an empty id resets", () => {
  const cursor = createCursor(true);
  cursor.advance("abc123.5");
  cursor.advance("");
  expect(cursor.lastEventId).toBe("");
});
