/** The newest messages of a channel, in order, at most `limit` of them. */
export interface History<M> {
  push(message: M): void;
  /** An immutable copy; the same one until something is pushed. */
  snapshot(): readonly M[];
}

export function createHistory<M>(limit: number): History<M> {
  // slice(-0) would keep everything.
  const trim = () => items.slice(-limit || Number.POSITIVE_INFINITY);
  let items: M[] = [];
  let snapshot: readonly M[] | null = null;
  return {
    push(message) {
      items.push(message);
      // Twice the limit keeps the cost of trimming below one move a push.
      if (items.length > 2 * limit) items = trim();
      snapshot = null;
    },
    snapshot() {
      snapshot ??= trim();
      return snapshot;
    },
  };
}
