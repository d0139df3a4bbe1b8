import { onTestFinished } from "vitest";

/** From now on, until the test ends: why promises were rejected that nobody handles. */
export function watchRejections(): () => Promise<unknown[]> {
  const reasons: unknown[] = [];
  const add = (reason: unknown) => void reasons.push(reason);
  process.on("unhandledRejection", add);
  onTestFinished(() => void process.off("unhandledRejection", add));
  return async () => {
    // Node.js tells of them once all promises have settled.
    await new Promise(setImmediate);
    return reasons;
  };
}
