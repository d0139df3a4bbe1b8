import { createListeners, endAll } from "./listeners.ts";

/**
 * A value that changes, in the shape every adapter binds to. All three members are bound: they may be passed on their
 * own, as `useSyncExternalStore(readable.subscribe, readable.get, readable.getServer)` does.
 */
export interface Readable<T> {
  /** The current value: the same reference until it changes. */
  get(): T;
  /** The value to render on a server and while hydrating: always the initial one. */
  getServer(): T;
  /** Calls `onChange` after each change, never before `subscribe` has returned. Returns what ends it. */
  subscribe(onChange: () => void): () => void;
}

/** A {@link Readable} that its owner changes. */
export interface Cell<T> extends Readable<T> {
  /** Stores `next`, always a new value, without telling anyone; the returned function tells the subscribers. */
  stage(next: T): () => void;
}

export function createCell<T>(initial: T): Cell<T> {
  let value = initial;
  const listeners = createListeners<void>();
  return {
    get: () => value,
    getServer: () => initial,
    subscribe: listeners.add,
    stage(next) {
      value = next;
      return listeners.emit;
    },
  };
}

/**
 * Computes a value from two others. While neither changes, or the outcome equals the last one, `get` returns the
 * same reference and subscribers hear nothing.
 */
export function combine<A, B, T>(
  a: Readable<A>,
  b: Readable<B>,
  compute: (a: A, b: B) => T,
  isEqual: (previous: T, next: T) => boolean = Object.is,
): Readable<T> {
  const remember = (readA: () => A, readB: () => B) => {
    let last: { a: A; b: B; value: T } | undefined;
    return () => {
      const nextA = readA();
      const nextB = readB();
      if (last && last.a === nextA && last.b === nextB) return last.value;
      const value = compute(nextA, nextB);
      last = { a: nextA, b: nextB, value: last && isEqual(last.value, value) ? last.value : value };
      return last.value;
    };
  };
  const get = remember(a.get, b.get);
  return {
    get,
    getServer: remember(a.getServer, b.getServer),
    subscribe(onChange) {
      let seen: unknown = get();
      const check = () => {
        let next: unknown;
        try {
          next = get();
        } catch (error) {
          // A change as well: whoever reads is to meet the error.
          next = error;
        }
        if (Object.is(seen, next)) return;
        seen = next;
        onChange();
      };
      return endAll(a.subscribe(check), b.subscribe(check));
    },
  };
}

/** A part of another value; `isEqual` decides whether a newly selected part counts as a change. */
export function select<S, T>(
  source: Readable<S>,
  selector: (value: S) => T,
  isEqual?: (previous: T, next: T) => boolean,
): Readable<T> {
  return combine(source, source, selector, isEqual);
}

/** Equality of two plain objects with the same fields, each compared by `Object.is`. */
export function isShallowEqual<T extends object>(a: T, b: T): boolean {
  for (const key in a) if (!Object.is(a[key], b[key])) return false;
  return true;
}
