export type { ChannelView, Retain, SSEChannel, SSEMessage, SubscribeOptions } from "./channels/channel.ts";
export { selectView } from "./channels/channel.ts";
export type {
  ChannelData,
  ChannelDefinition,
  ChannelMap,
  ChannelName,
  Channels,
  StandardSchema,
} from "./channels/define-channels.ts";
export { defineChannels, type } from "./channels/define-channels.ts";
export { dynamic } from "./channels/dynamic.ts";
export type { Overflow } from "./channels/history.ts";
export { iterate } from "./channels/iterate.ts";
export { query } from "./channels/query.ts";
export { reduce } from "./channels/reduce.ts";
export type { ChannelSnapshot, Healer, HealerContext, SnapshotContext, SnapshotSource } from "./channels/snapshot.ts";
export { snapshot } from "./channels/snapshot.ts";
export type { Subscription, SubscriptionContext, SubscriptionFactory } from "./channels/subscription.ts";
export type { ClientView, SSEClient } from "./client.ts";
export type { FoundClient } from "./client-finder.ts";
export { createClientFinder } from "./client-finder.ts";
export type { RetryPolicy } from "./connection/backoff.ts";
export type { CloseReason } from "./connection/close-reason.ts";
export type {
  ConnectionState,
  ConnectionStatus,
  Gap,
  GapReason,
  Resume,
  TransportName,
} from "./connection/status.ts";
export type { DebugEntry, DebugLog, DebugLogOptions } from "./debug/debug-log.ts";
export { createDebugLog } from "./debug/debug-log.ts";
export type { Environment, PageEvent } from "./environment.ts";
export type { SSEErrorCode, SSEErrorDetails } from "./errors.ts";
export { SSEError } from "./errors.ts";
export type { LifecycleEvents } from "./lifecycle.ts";
export type { ClientOptions, PerAttempt, RequestContext } from "./options.ts";
export type { SharedClient, SharedClientOptions } from "./registry.ts";
export { acquireClient } from "./registry.ts";
export { createSSEClient } from "./sse-client.ts";
export type { Stats } from "./stats.ts";
export type { Readable } from "./store/readable.ts";
export type {
  Fallback,
  Transport,
  TransportContext,
  TransportFactory,
  TransportRequest,
  TransportSink,
} from "./transport/transport.ts";
