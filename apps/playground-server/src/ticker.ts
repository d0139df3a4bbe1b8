import type { Quote } from "./channels.ts";
import { listings } from "./listings.ts";
import { pick, type Random } from "./random.ts";

/** Makes up trades: a random walk per symbol that stays around the day's open. */
export interface Ticker {
  /** The price of every symbol. */
  all(at: number): Quote[];
  /** The next one to three trades. */
  next(at: number): Quote[];
}

/** Size of a usual step, as a part of the price. */
const STEP = 0.0018;
/** How strongly a price is drawn back to its open; keeps a playground that runs for weeks believable. */
const PULL = 0.004;

/** The same `random` gives the same trades. */
export function createTicker(random: Random): Ticker {
  const prices = new Map(listings.map(({ symbol, open }) => [symbol, open]));

  function quote({ symbol, open }: (typeof listings)[0], at: number): Quote {
    const price = prices.get(symbol) ?? open;
    return { symbol, price, change: round((price / open - 1) * 100), at };
  }

  function move({ symbol, open }: (typeof listings)[0]) {
    const price = prices.get(symbol) ?? open;
    // The sum of three is close enough to a bell curve.
    const roll = ((random() + random() + random()) / 3 - 0.5) * 4;
    prices.set(symbol, Math.max(0.01, round(price * (1 + roll * STEP) + (open - price) * PULL)));
  }

  return {
    all: (at) => listings.map((listing) => quote(listing, at)),
    next(at) {
      const count = 1 + Math.floor(random() * 3);
      return Array.from({ length: count }, () => {
        const listing = pick(listings, random);
        move(listing);
        return quote(listing, at);
      });
    },
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
