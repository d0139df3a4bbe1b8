/** The newest messages of a channel, in order, at most `limit` of them. */
export interface History<M> {
  push(message: M): void;
  /** An immutable copy; the same one until something is pushed. */
  snapshot(): readonly M[];
}

export function createHistory<M>(limit: number): History<M> {
  let pending: M[] = [];
  let newest: readonly M[] = [];
  return {
    push(message) {
      pending.push(message);
      // A background page may not flush for a while. Twice the limit keeps the cost of trimming below one move a push.
      if (pending.length > 2 * limit) pending = pending.slice(-limit);
    },
    snapshot() {
      if (pending.length > 0) {
        // slice(-0) would keep everything.
        newest = [...newest, ...pending].slice(-limit || Number.POSITIVE_INFINITY);
        pending = [];
      }
      return newest;
    },
  };
}
