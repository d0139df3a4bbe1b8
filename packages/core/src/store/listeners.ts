import { report } from "../environment.ts";

/** A list of callbacks for one kind of event. */
export interface Listeners<T> {
  /** Adds a callback and returns what removes it; the same function added twice is called twice. */
  add(run: (value: T) => void): () => void;
  emit(value: T): void;
}

/** A callback that throws is reported and silences neither the others nor the stream they are fed from. */
export function createListeners<T>(): Listeners<T> {
  // Replaced at every change: who is being told goes on with the list it began with.
  let runs: readonly { readonly run: (value: T) => void }[] = [];
  return {
    add(run) {
      const entry = { run };
      runs = [...runs, entry];
      return () => {
        runs = runs.filter((other) => other !== entry);
      };
    },
    emit(value) {
      for (const entry of runs)
        try {
          // One that was removed by another is not called any more.
          if (runs.includes(entry)) entry.run(value);
        } catch (error) {
          report(error);
        }
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
  // Whoever was told of the beginning may have aborted it.
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  return () => {
    signal.removeEventListener("abort", end);
    end();
  };
}
