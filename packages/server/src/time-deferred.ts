import type { CompleteEnvironment } from "./environment.ts";

/** The same environment, except that it tells how many seconds each deferred call took. */
export function timeDeferred(
  environment: CompleteEnvironment,
  observe: (seconds: number) => void,
): CompleteEnvironment {
  const { defer, now } = environment;
  return {
    ...environment,
    defer: (run) =>
      defer(() => {
        const startedAt = now();
        run();
        observe((now() - startedAt) / 1_000);
      }),
  };
}
