export type { ChannelView, SSEChannel, SSEMessage } from "./channels/channel.ts";
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
export type { ClientView, SSEClient } from "./client.ts";
export { createSSEClient } from "./client.ts";
export type { RetryPolicy } from "./connection/backoff.ts";
export type { CloseReason } from "./connection/close-reason.ts";
export type {
  ConnectionState,
  ConnectionStatus,
  Gap,
  GapReason,
  Resume,
} from "./connection/status.ts";
export type { Environment } from "./environment.ts";
export type { SSEErrorCode, SSEErrorDetails } from "./errors.ts";
export { SSEError } from "./errors.ts";
export type { ClientOptions, PerAttempt, RequestContext } from "./options.ts";
export type { SharedClient, SharedClientOptions } from "./registry.ts";
export { acquireClient } from "./registry.ts";
export type { Stats } from "./stats.ts";
export type { Readable } from "./store/readable.ts";
