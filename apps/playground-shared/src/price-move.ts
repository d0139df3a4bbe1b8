/** Where a price went compared with the one shown before. */
export interface PriceMove {
  readonly price: number;
  readonly direction: "up" | "down" | undefined;
  /** Another one starts the animation anew. */
  readonly count: number;
}

/** @param last - the one before; `undefined` for the first price */
export function moveTo(price: number, last: PriceMove | undefined): PriceMove {
  if (!last) return { price, direction: undefined, count: 0 };
  if (last.price === price) return last;
  return { price, direction: price > last.price ? "up" : "down", count: last.count + 1 };
}
