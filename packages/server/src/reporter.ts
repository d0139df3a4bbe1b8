/** Where errors go that nobody waits for. */
export interface Reporter {
  /** Hands an error over. Never throws. */
  report(error: unknown): void;
  /** Runs code of the application whose failure, later ones of a promise included, must harm nothing else. */
  guard(run: () => unknown): void;
}

/** Creates a reporter for an error handler that may be broken itself. */
export function createReporter(onError: (error: unknown) => unknown): Reporter {
  function report(error: unknown) {
    guard(
      () => onError(error),
      (second) => console.error(second),
    );
  }
  return { report, guard: (run) => guard(run, report) };
}

function guard(run: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = run();
    if (isThenable(result)) Promise.resolve(result).catch(failed);
  } catch (error) {
    failed(error);
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
