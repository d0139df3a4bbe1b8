import { describe, expect, test } from "vitest";
import { listings } from "../src/listings.ts";
import { createRandom } from "../src/random.ts";
import { createTicker } from "../src/ticker.ts";

const trades = (seed: number, rounds: number) => {
  const ticker = createTicker(createRandom(seed));
  return Array.from({ length: rounds }, (_, round) => ticker.next(round)).flat();
};

describe("the ticker", () => {
  test("makes the same trades from the same seed", () => {
    expect(trades(7, 200)).toEqual(trades(7, 200));
    expect(trades(7, 200)).not.toEqual(trades(8, 200));
  });

  test("begins with every symbol at its open", () => {
    const all = createTicker(createRandom(1)).all(5);
    expect(all.map(({ symbol, price }) => [symbol, price])).toEqual(listings.map(({ symbol, open }) => [symbol, open]));
    expect(all.every(({ change, at }) => change === 0 && at === 5)).toBe(true);
  });

  test("trades one to three symbols a round, all of them in the long run", () => {
    const ticker = createTicker(createRandom(3));
    const rounds = Array.from({ length: 300 }, () => ticker.next(0));
    expect(new Set(rounds.map(({ length }) => length))).toEqual(new Set([1, 2, 3]));
    expect(new Set(rounds.flat().map(({ symbol }) => symbol)).size).toBe(listings.length);
  });

  test("keeps prices near their open, in cents, with the change that goes with them", () => {
    const opens = new Map(listings.map(({ symbol, open }) => [symbol, open]));
    for (const { symbol, price, change } of trades(11, 50_000)) {
      const open = opens.get(symbol) ?? 0;
      if (
        Math.abs(change) > 15 ||
        Math.abs((price / open - 1) * 100 - change) > 0.01 ||
        !/^\d+(\.\d{1,2})?$/.test(`${price}`)
      )
        expect.unreachable(`${symbol} ${price} ${change}`);
    }
  });
});
