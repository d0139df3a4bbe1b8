export type { GapData } from "../control-frames.ts";
export { type ChaosProxy, type ChaosProxyOptions, createChaosProxy } from "./chaos-proxy.ts";
export type { TestHello } from "./client-position.ts";
export { createTestClient } from "./create-test-client.ts";
export type { EventPredicate } from "./inbox.ts";
export {
  createManualEnvironment,
  type ManualEnvironment,
  type ManualEnvironmentOptions,
} from "./manual-environment.ts";
export type { Pace } from "./pace.ts";
export type {
  TestChange,
  TestChangeAnswer,
  TestClient,
  TestClientOptions,
  TestClientState,
  TestPollAnswer,
} from "./test-client.ts";
export type { TestEvent } from "./test-event.ts";
export type { TestTarget } from "./test-requests.ts";
