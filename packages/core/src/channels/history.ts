/**
 * What a full buffer does with one more message: `drop-oldest` makes room, `drop-newest` refuses it, `coalesce` lets a
 * message replace the one of the same key and makes room if there is none.
 */
export type Overflow = "drop-oldest" | "drop-newest" | "coalesce";

/** Messages in order, at most `limit` of them. */
export interface History<M> {
  push(message: M): void;
  /** Takes the oldest one out. */
  shift(): M | undefined;
  /** Messages that were pushed and are gone without having been taken out. */
  readonly dropped: number;
  /** An immutable copy; the same one until something changes. */
  snapshot(): readonly M[];
}

/** @param keyOf - what `coalesce` compares */
export function createHistory<M>(
  limit: number,
  overflow: Overflow = "drop-oldest",
  keyOf?: (message: M) => string,
): History<M> {
  let items: M[] = [];
  // Where the oldest message is: moving all of them at every push would cost more than everything else.
  let start = 0;
  let dropped = 0;
  let snapshot: readonly M[] | null = null;
  const trim = () => {
    items = items.slice(start);
    start = 0;
  };
  return {
    push(message) {
      snapshot = null;
      if (keyOf && overflow === "coalesce") {
        const key = keyOf(message);
        trim();
        const kept = items.filter((other) => keyOf(other) !== key);
        dropped += items.length - kept.length;
        items = kept;
      }
      items.push(message);
      if (items.length - start > limit) {
        dropped++;
        if (overflow === "drop-newest") items.pop();
        // Not kept alive until the next trim.
        else items[start++] = undefined as M;
      }
      if (start > limit) trim();
    },
    shift() {
      if (start === items.length) return;
      snapshot = null;
      const message = items[start++];
      if (start > limit) trim();
      return message;
    },
    get dropped() {
      return dropped;
    },
    snapshot() {
      snapshot ??= items.slice(start);
      return snapshot;
    },
  };
}
