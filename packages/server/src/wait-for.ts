/** How a promise ended. */
export type Settled<Value> = { readonly value: Value } | { readonly error: unknown };

/**
 * Waits for a promise that may never settle. Returns how to stop waiting: from then on even a promise that is kept for
 * ever keeps nothing of the waiter.
 */
export function waitFor<Value>(promise: Promise<Value>, settled: (outcome: Settled<Value>) => void): () => void {
  const waiter: Waiter<Value> = { settled };
  observe(promise, waiter);
  return () => {
    waiter.settled = undefined;
  };
}

interface Waiter<Value> {
  settled: ((outcome: Settled<Value>) => void) | undefined;
}

/** Apart, as what the promise keeps is everything that functions of this scope refer to. */
function observe<Value>(promise: Promise<Value>, waiter: Waiter<Value>): void {
  promise.then(
    (value) => waiter.settled?.({ value }),
    (error: unknown) => waiter.settled?.({ error }),
  );
}
