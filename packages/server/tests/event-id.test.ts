import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparePositions, formatEventId, parseEventId } from "../src/event-id.ts";

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const position = fc.record({ major: number, minor: number });

describe("event ids", () => {
  // SPEC 12
  it("survive being written and read", () => {
    fc.assert(
      fc.property(position, (original) => {
        const id = formatEventId("k3f9q2", original);
        expect(id).toMatch(/^[A-Za-z0-9._-]{1,32}$/);
        expect(parseEventId(id, "k3f9q2")).toEqual({ kind: "position", position: original });
      }),
    );
  });

  // SPEC 12
  it("order by the first number, then by the second", () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const expected = a.major === b.major ? Math.sign(a.minor - b.minor) : Math.sign(a.major - b.major);
        expect(Math.sign(comparePositions(a, b))).toBe(expected);
      }),
    );
  });

  // SPEC 13
  it.each([
    "",
    "x",
    "k3f9q2",
    "k3f9q2.",
    "K3F9Q2.1",
    "k3f9q2.1 ",
    "k3f9q2.01",
    "k3f9q2.1-",
    "k3f9q2.-1",
    "k3f9q2.1_2",
    "k3f9q2.ü",
    "k3f9q2.1\n",
    "k3f9q2.zzzzzzzzzzz",
    `k3f9q2.${"1".repeat(300)}`,
  ])("%j is malformed", (id) => {
    expect(parseEventId(id, "k3f9q2")).toEqual({ kind: "bad-id" });
  });

  // SPEC 18
  it.each(["aaaaaa.1", "aaaaaa.1_2", "aaaaaa.mhx3k2f8-0"])("%j belongs to another epoch", (id) => {
    expect(parseEventId(id, "k3f9q2")).toEqual({ kind: "epoch" });
  });
});
