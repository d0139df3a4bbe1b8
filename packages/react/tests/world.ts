import { act } from "@testing-library/react";
import { createFakeEnvironment } from "test-kit/fake-environment";
import { createFetchHarness } from "test-kit/fetch-harness";

/** A network and a clock under a test's control. */
export function createWorld() {
  const harness = createFetchHarness();
  const environment = createFakeEnvironment({ fetch: harness.fetch });
  const pass = (ms: number) =>
    act(async () => {
      await environment.clock.advanceAsync(ms);
      environment.flush();
    });
  return {
    harness,
    environment,
    /** Lets everything due happen, a frame included, and React render. */
    settle: () => pass(0),
    /** More than the linger time passes. */
    linger: () => pass(1_100),
    /** Answers the oldest request that has no answer with an open stream. */
    async open() {
      const request = await harness.nextRequest();
      request.respond();
      await pass(0);
      return request;
    },
  };
}
