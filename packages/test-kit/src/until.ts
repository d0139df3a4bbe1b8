import { inspect } from "node:util";

/** Anything that has a current value and tells when it changes; the subject's readables match it by shape. */
export interface Observable<T> {
  get(): T;
  subscribe(onChange: () => void): () => void;
}

// Only what hangs reaches it: a test passes as soon as its condition holds.
const deadlineMs = 4_000;

/**
 * Resolves with the value as soon as it satisfies the condition, at once if it does already. Rejects with the value it
 * had instead after four seconds of real time (before a test's own five), so that a failure shows more than a timeout.
 *
 * @example
 * await until(client.status, ({ status }) => status === "open");
 */
export function until<T>(source: Observable<T>, condition: (value: T) => boolean, what = `${condition}`): Promise<T> {
  return new Promise((resolve, reject) => {
    let stop = (): void => {};
    const deadline = setTimeout(() => {
      stop();
      reject(new Error(`never came: ${what}; the last value was ${inspect(source.get())}`));
    }, deadlineMs);
    const check = (): boolean => {
      const value = source.get();
      if (!condition(value)) return false;
      stop();
      clearTimeout(deadline);
      resolve(value);
      return true;
    };
    if (!check()) stop = source.subscribe(check);
  });
}

/** A list that a test fills from callbacks and waits on with {@link until}. */
export interface Recorder<T> extends Observable<readonly T[]> {
  readonly items: readonly T[];
  add(item: T): void;
}

/**
 * Creates an empty list that can be waited on.
 *
 * @example
 * const messages = createRecorder<string>();
 * client.channel("a").on(({ data }) => messages.add(data));
 * await until(messages, ({ length }) => length === 3);
 */
export function createRecorder<T>(): Recorder<T> {
  const items: T[] = [];
  const listeners = new Set<() => void>();
  return {
    items,
    get: () => items,
    add(item) {
      items.push(item);
      for (const listener of [...listeners]) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
  };
}
