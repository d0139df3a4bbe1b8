import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORIGIN } from "../src/event-id.ts";
import { mergeRings } from "../src/merge.ts";
import { createRing, type Ring, type StoredEntry } from "../src/ring.ts";

function entry(channel: string, major: number, bytes = 1): StoredEntry {
  return { channel, position: { major, minor: 0 }, frame: new Uint8Array(bytes), key: undefined, at: 0 };
}

function positions(entries: readonly StoredEntry[]): number[] {
  return entries.map(({ position }) => position.major);
}

describe("ring", () => {
  // SPEC 14
  it("behaves like an array that loses its front", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (pushes) => {
        const ring = createRing("a", ORIGIN);
        const model: number[] = [];
        let count = 0;
        let lost = 0;
        for (const push of pushes) {
          if (push) {
            ring.push(entry("a", ++count));
            model.push(count);
          } else {
            ring.shift();
            lost = model.shift() ?? lost;
          }
        }
        expect(ring.size).toBe(model.length);
        expect(ring.bytes).toBe(model.length);
        expect(model.map((_, index) => ring.at(index)?.position.major)).toEqual(model);
        expect(ring.lostUpTo.major).toBe(lost);
        for (const after of [0, lost, Math.floor(count / 2), count]) {
          const expected = model.findIndex((position) => position > after);
          expect(ring.indexAfter({ major: after, minor: 0 })).toBe(expected < 0 ? model.length : expected);
        }
      }),
    );
  });
});

describe("merge", () => {
  // SPEC 16
  it("gives the entries of all rings in log order, whatever the byte limit", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 5 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (channels, limit) => {
          const rings = new Map<number, Ring>();
          channels.forEach((channel, index) => {
            const ring = rings.get(channel) ?? createRing(String(channel), ORIGIN);
            rings.set(channel, ring);
            ring.push(entry(String(channel), index + 1, 1 + (index % 3)));
          });
          const seen: number[] = [];
          for (let more = true; more; ) {
            const cursor = { major: seen.at(-1) ?? 0, minor: 0 };
            const merged = mergeRings(
              [...rings.values()].map((ring) => ({ ring, from: ring.indexAfter(cursor) })),
              limit,
            );
            expect(merged.bytes <= limit || merged.entries.length === 1).toBe(true);
            seen.push(...positions(merged.entries));
            more = merged.more;
          }
          expect(seen).toEqual(channels.map((_, index) => index + 1));
        },
      ),
    );
  });
});
