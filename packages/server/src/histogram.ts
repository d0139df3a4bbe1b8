/** What was observed so far. */
export interface HistogramSnapshot {
  readonly count: number;
  readonly sum: number;
  /** How many were at most `le`, for rising bounds; all of them are in `count`. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
}

/** Counts observations by size. */
export interface Histogram {
  observe(value: number): void;
  snapshot(): HistogramSnapshot;
}

/** Creates an empty histogram with these upper bounds, in rising order. */
export function createHistogram(bounds: readonly number[]): Histogram {
  // One more for what is above every bound.
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    observe(value) {
      let index = 0;
      while (index < bounds.length && value > bounds[index]!) index++;
      counts[index]!++;
      sum += value;
    },
    snapshot() {
      let count = 0;
      const buckets = bounds.map((le, index) => {
        count += counts[index]!;
        return { le, count };
      });
      return { count: count + counts[bounds.length]!, sum, buckets };
    },
  };
}
