export type { AdmissionOptions } from "./admission-options.ts";
export type { AuthorizeContext } from "./authorize-context.ts";
export type { CorsOptions } from "./cors.ts";
export { createFetchSession, type FetchSession } from "./create-fetch-session.ts";
export { createHub } from "./create-hub.ts";
export { createSession } from "./create-session.ts";
export {
  type ChannelDefinition,
  type ChannelDefinitions,
  type ChannelDefinitionsOf,
  type ChannelInput,
  type ChannelName,
  defineChannels,
  type,
} from "./define-channels.ts";
export type { ConnectionInfo } from "./directory.ts";
export type { DisconnectReason } from "./disconnect-reason.ts";
export type { DisconnectTarget } from "./disconnect-target.ts";
export type { Authorize, Decision } from "./door.ts";
export type { Environment } from "./environment.ts";
export {
  ChannelDefinitionError,
  ChannelNameError,
  FrameError,
  type FrameErrorCode,
  GrantError,
  HubClosedError,
  InvalidDataError,
  OptionError,
  PayloadTooLargeError,
  ProgressClosedError,
  ReservedEventError,
  SSEServerError,
  UnknownChannelError,
} from "./errors.ts";
export type { AuthorizeEvent, EventInfo, EventRecipient } from "./event-guard.ts";
export type { Position } from "./event-id.ts";
export { encodeFrame, type Frame } from "./frame.ts";
export type { Grant } from "./grant.ts";
export type { Hub } from "./hub.ts";
export type { InitialPolicy } from "./initial-policy.ts";
export type { LimitName, LimitOptions, OverLimit } from "./limits.ts";
export type { Log, LogEntry, LogReader, LogRecord } from "./log.ts";
export type { LogStatus } from "./log-status.ts";
export type { NodeRequest, NodeResponse } from "./node-sink.ts";
export { type MeterLike, observeWithMeter } from "./observe-with-meter.ts";
export type { HistoryOptions, HubOptions } from "./options.ts";
export type { PresenceOptions } from "./presence-options.ts";
export type { Progress, ProgressOptions, ProgressUpdate } from "./progress.ts";
export type {
  ProgressChannel,
  ProgressError,
  ProgressEvent,
  ProgressResult,
  ProgressStatus,
} from "./progress-event.ts";
export type { PublishOptions } from "./publication.ts";
export type { ConnectionPublisher, Published, Publisher } from "./publisher.ts";
export type { RefusalReason } from "./refusal.ts";
export type { GapReason } from "./resume.ts";
export type { Session, SessionEnd } from "./session.ts";
export type { SessionMessage } from "./session-message.ts";
export type { SessionOptions } from "./session-options.ts";
export type { CloseOptions, CloseResult } from "./shutdown.ts";
export type { SlowOptions } from "./slow-options.ts";
export type { StandardIssue, StandardResult, StandardSchema } from "./standard-schema.ts";
export type { HubStats } from "./stats.ts";
export type { StreamOptions } from "./stream-options.ts";
export type { Purpose } from "./stream-request.ts";
export type { Task, TrackOptions } from "./task-runner.ts";
