/** Counts by name; what is at zero costs nothing. */
export interface Tally {
  /** Number of names that are not at zero. */
  readonly size: number;
  /** Number of all that is counted, with a name or without. */
  readonly total: number;
  /** `undefined` is always at zero. */
  of(name: string | undefined): number;
  add(name: string | undefined): void;
  remove(name: string | undefined): void;
}

/** Creates a tally at zero. */
export function createTally(): Tally {
  const counts = new Map<string, number>();
  let total = 0;

  function change(name: string | undefined, by: 1 | -1) {
    total += by;
    if (name === undefined) return;
    const count = (counts.get(name) ?? 0) + by;
    if (count > 0) counts.set(name, count);
    else counts.delete(name);
  }

  return {
    get size() {
      return counts.size;
    },
    get total() {
      return total;
    },
    of: (name) => (name === undefined ? 0 : (counts.get(name) ?? 0)),
    add: (name) => change(name, 1),
    remove: (name) => change(name, -1),
  };
}
