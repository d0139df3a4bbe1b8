import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameError } from "../src/errors.ts";
import { encodeFrame } from "../src/frame.ts";
import { parseStream } from "./support/fake-response.ts";

const text = fc.string({
  unit: fc.oneof(fc.constantFrom("\r", "\n", "\r\n", " ", ":", "\0"), fc.string({ unit: "grapheme", maxLength: 3 })),
});

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("encodeFrame", () => {
  // SPEC 1
  it.each([
    ["event", "a\nb", "line-break"],
    ["event", "a\rb", "line-break"],
    ["event", "a\r\nb", "line-break"],
    ["event", "a\0b", "nul"],
    ["id", "a\nb", "line-break"],
    ["id", "a\rb", "line-break"],
    ["id", "\r\n", "line-break"],
    ["id", "a\0b", "nul"],
  ])("refuses %s %j and names the field", (field, value, code) => {
    const error = failure(() => encodeFrame({ data: "x", [field]: value }));
    expect(error).toBeInstanceOf(FrameError);
    expect(error).toMatchObject({ field, code });
  });

  // SPEC 1
  it.each(["event", "id", "data", "comment"])("refuses a %s that is no string", (field) => {
    expect(failure(() => encodeFrame({ data: "x", [field]: 5 }))).toMatchObject({ code: "not-text", field });
  });

  // SPEC 1
  it("refuses an event without data, which no parser would dispatch", () => {
    expect(failure(() => encodeFrame({ event: "a" }))).toMatchObject({ code: "missing-data", field: "event" });
  });

  // SPEC 2
  it("returns any data to a parser with its line breaks as LF", () => {
    fc.assert(
      fc.property(text, (data) => {
        const { events } = parseStream(encodeFrame({ event: "e", id: "1", data }));
        expect(events.map((event) => event.data)).toEqual([data.replace(/\r\n|\r/g, "\n")]);
      }),
      { numRuns: 500 },
    );
  });

  // SPEC 2
  it("keeps any comment from being anything but a comment", () => {
    fc.assert(
      fc.property(text, (comment) => {
        const parsed = parseStream(encodeFrame({ comment }));
        expect(parsed.events).toEqual([]);
        expect(parsed).toMatchObject({ lastEventId: "", retry: undefined });
        expect(parsed.comments).toHaveLength(comment.split(/\r\n|\r|\n/).length);
      }),
    );
  });

  // SPEC 2
  it("dispatches an event for empty data", () => {
    expect(parseStream(encodeFrame({ data: "" })).events).toMatchObject([{ data: "" }]);
  });

  // SPEC 3
  it.each([-1, 1.5, Number.NaN, 2 ** 31, "1\ndata: x"])("refuses retry %s", (retry) => {
    expect(failure(() => encodeFrame({ retry: retry as number }))).toMatchObject({
      code: "retry-range",
      field: "retry",
    });
  });

  // SPEC 3
  it.each([0, 2 ** 31 - 1])("accepts retry %s", (retry) => {
    expect(parseStream(encodeFrame({ retry })).retry).toBe(retry);
  });

  // SPEC 2
  it("writes nothing for no fields", () => {
    expect(encodeFrame({})).toBe("");
  });
});
