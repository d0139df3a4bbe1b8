import { report } from "../environment.ts";

/** A list of callbacks for one kind of event. */
export interface Listeners<T> {
  /** Adds a callback and returns what removes it; the same function added twice is called twice. */
  add(run: (value: T) => void): () => void;
  emit(value: T): void;
}

/** A callback that throws is reported and silences neither the others nor the stream they are fed from. */
export function createListeners<T>(): Listeners<T> {
  // Copied on every change, never in place: an emit under way walks the list it started with.
  let entries: { run: ((value: T) => void) | null }[] = [];
  return {
    add(run) {
      const entry: { run: ((value: T) => void) | null } = { run };
      entries = [...entries, entry];
      return () => {
        // Emptied too, because an emit that is under way still holds the entry.
        entry.run = null;
        entries = entries.filter((other) => other !== entry);
      };
    },
    emit(value) {
      for (const entry of entries) {
        try {
          entry.run?.(value);
        } catch (error) {
          report(error);
        }
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
