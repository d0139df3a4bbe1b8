import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCoverage } from "../src/coverage.ts";
import { compilePattern, intersectPatterns } from "../src/pattern.ts";
import { createPatternIndex } from "../src/pattern-index.ts";
import { connect, createTestHub } from "./support/test-hub.ts";

const segment = fc.constantFrom("a", "b", "c", "", "\u2028", "a.c");
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const pattern = fc
  .tuple(fc.array(fc.oneof(segment, fc.constant("*")), { maxLength: 3 }), fc.constantFrom("a", "*", "**"))
  .map(([head, last]) => [...head, last].join("/"));

describe("patterns", () => {
  // SPEC 32
  it.each([
    ["chat/*", "chat/1", true],
    ["chat/*", "chat", false],
    ["chat/*", "chat/1/2", false],
    ["orders/**", "orders/1", true],
    ["orders/**", "orders/1/lines", true],
    ["orders/**", "orders", false],
    ["a/*/c", "a/b/c", true],
    ["a.b/*", "axb/1", false],
    ["*", "a", true],
    ["*", "a/b", false],
    ["**", "a/b", true],
    ["chat/*", "chat/", true],
    ["orders/**", "orders/", true],
    ["a/*/b", "a//b", true],
    ["orders/**", "orders/a\u2028b", true],
  ])("%s covers %s: %s", (covering, channel, expected) => {
    expect(compilePattern(covering)(channel)).toBe(expected);
  });

  // SPEC 32
  it("share exactly the names both cover", () => {
    fc.assert(
      fc.property(pattern, pattern, name, (a, b, channel) => {
        const shared = intersectPatterns(a.split("/"), b.split("/"));
        const both = compilePattern(a)(channel) && compilePattern(b)(channel);
        expect(shared !== undefined && compilePattern(shared)(channel)).toBe(both);
      }),
      { numRuns: 1_000 },
    );
  });

  // SPEC 28
  it("are found in an index exactly when they cover the name", () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 8 }), name, (patterns, channel) => {
        const index = createPatternIndex<string>();
        for (const each of patterns) index.add(each, each);
        expect(index.match(channel).sort()).toEqual(patterns.filter((each) => compilePattern(each)(channel)).sort());
        for (const each of patterns) index.delete(each, each);
        expect(index.match(channel)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  // SPEC 48
  it("are included in a list exactly when one of them covers all the other covers", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(pattern, name), { maxLength: 8 }), fc.oneof(pattern, name), (list, channel) => {
        const included = list.some((each) => intersectPatterns(channel.split("/"), each.split("/")) === channel);
        expect(createCoverage(list).includes(channel)).toBe(included);
      }),
      { numRuns: 3_000 },
    );
  });

  // SPEC 28
  it("are looked up with a pattern without looking twice at each of its stars", () => {
    const stars = Array.from({ length: 64 }, () => "*").join("/");
    const index = createPatternIndex<string>();
    index.add(stars, stars);
    expect(index.match(stars)).toEqual([stars]);
    expect(createCoverage([stars]).covers(stars)).toBe(true);
  });

  // SPEC 16, 32
  it.each([
    ["chat/*", "chat/"],
    ["orders/**", "orders/a\u2028b"],
    ["a/*/b", "a//b"],
  ])("deliver %s the events of %j", (covering, channel) => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub, `?channels=${covering}`);
    void hub.publish(channel, 1);
    environment.endTick();
    expect(stream.received().map(({ json }) => json)).toEqual([1]);
  });

  // SPEC 32
  it("come out of an index most specific first", () => {
    const index = createPatternIndex<string>();
    for (const each of ["**", "a/**", "a/*", "a/b", "*/b"]) index.add(each, each);
    expect(index.match("a/b")).toEqual(["a/b", "a/*", "a/**", "*/b", "**"]);
  });
});
