import { shield } from "../environment.ts";

/** A list of callbacks for one kind of event. */
export interface Listeners<T> {
  /** Adds a callback and returns what removes it; the same function added twice is called twice. */
  add(run: (value: T) => void): () => void;
  emit(value: T): void;
}

/** A callback that throws is reported and silences neither the others nor the stream they are fed from. */
export function createListeners<T>(): Listeners<T> {
  const runs = new Set<(value: T) => void>();
  return {
    add(run) {
      const own = (value: T) => run(value);
      runs.add(own);
      return () => void runs.delete(own);
    },
    emit(value) {
      // A callback may add others, which wait for the next emit, and remove others, which are not called any more.
      for (const run of [...runs]) if (runs.has(run)) shield(() => run(value));
    },
  };
}

/** One function that ends several subscriptions. */
export function endAll(...ends: readonly (() => void)[]): () => void {
  return () => {
    for (const end of ends) end();
  };
}

/** Begins something that ends with the returned function or with the signal, and never if that has been aborted already. */
export function endWith(signal: AbortSignal | undefined, begin: () => () => void): () => void {
  if (!signal) return begin();
  if (signal.aborted) return () => {};
  const end = begin();
  const endAndForget = () => {
    signal.removeEventListener("abort", endAndForget);
    end();
  };
  signal.addEventListener("abort", endAndForget);
  return endAndForget;
}
