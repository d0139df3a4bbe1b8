import {
  ADMISSION_NAMES,
  type AdmissionOptions,
  type ResolvedAdmission,
  resolveAdmission,
} from "./admission-options.ts";
import { DEFAULTS } from "./defaults.ts";
import type { ChannelDefinitions } from "./define-channels.ts";
import { type CompleteEnvironment, completeEnvironment, createEnvironment, type Environment } from "./environment.ts";
import type { HistoryLimits } from "./history.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import type { Log } from "./log.ts";
import type { LogStatus } from "./log-status.ts";
import { checkFields, checkNumber, checkPerChannel, invalid } from "./option-checks.ts";
import { PRESENCE_NAMES, type PresenceOptions, type ResolvedPresence, resolvePresence } from "./presence-options.ts";
import { resolveSlow, type SlowOptions } from "./slow-options.ts";

/** Limits of one channel's history; what is left out is inherited. */
export interface HistoryOptions {
  /** Most entries kept per channel. @default 100 */
  readonly size?: number;
  /** Most bytes of encoded events kept per channel. @default 1_048_576 */
  readonly bytes?: number;
  /** Age in milliseconds after which an entry is dropped; `null` for never. @default 300_000 */
  readonly ttlMs?: number | null;
}

/** Options of `createHub`. */
export interface HubOptions<Definitions extends ChannelDefinitions = ChannelDefinitions>
  extends AdmissionOptions,
    PresenceOptions {
  /** What can be published and listened to. @default any valid channel name, data unchecked */
  readonly channels?: Definitions;
  /**
   * What is kept for those who reconnect, per channel. `channels` overrides it for names and patterns, most specific
   * first; `false` keeps nothing, so every missed event is a gap.
   */
  readonly history?:
    | (HistoryOptions & { readonly channels?: Readonly<Record<string, HistoryOptions | false>> })
    | false;
  /**
   * Most bytes of history over all channels, with a charge of 400 for each event and 2,048 for each channel; beyond it
   * the channels published least recently are forgotten. @default 67_108_864
   */
  readonly historyBytes?: number;
  /**
   * Most bytes of events addressed to users, and as many again of those addressed to everybody, charged like `historyBytes` and
   * 3,072 for each user; beyond it the users addressed least recently are forgotten. @default 16_777_216
   */
  readonly userHistoryBytes?: number;
  /** What a stream without a position begins with, for all channels or by name and pattern. @default "latest" */
  readonly initial?: InitialPolicy | Readonly<Record<string, InitialPolicy>>;
  /** Range in milliseconds from which each stream's reconnection delay is drawn. @default [2_000, 4_000] */
  readonly retryMs?: readonly [min: number, max: number];
  /** Longest silence of a stream in milliseconds; `null` sends no heartbeats. @default 15_000 */
  readonly heartbeatMs?: number | null;
  /**
   * Whether heartbeats are events, `sse.ping` with an id: a native `EventSource` shows no comments, so a page that has no
   * other client sees nothing of a quiet stream otherwise. @default false
   */
  readonly visibleHeartbeat?: boolean;
  /**
   * Longest a stream stays open in milliseconds, at least 1,000; each ends after 0.8 to 1 times as long, and its client
   * comes back with its position. `null` for ever. @default null
   */
  readonly maxConnectionMs?: number | null;
  /** Largest encoded event in bytes, id line not counted. @default 65_536 */
  readonly maxEventBytes?: number;
  /** Most events replayed to one stream; beyond it the client gets a gap instead. @default 1_000 */
  readonly replayMax?: number;
  /** When a peer counts as too slow. */
  readonly slow?: SlowOptions;
  /**
   * Longest a poll is held open for something to come, in milliseconds; with 0 every poll is answered at once. @default 25_000
   */
  readonly pollWaitMs?: number;
  /**
   * How long events are collected for one write, in milliseconds up to 100. With 0 that is until the end of the tick; more saves
   * writes where many small events come from many ticks, and makes each that much later. @default 0
   */
  readonly batchMs?: number;
  /** Bytes of comment at the start of every stream. @default 0 */
  readonly padding?: number;
  /** Whether `publish` runs the schemas. Without it a `key` gets the data as published. @default true */
  readonly validate?: boolean;
  /** Six characters of 0-9 and a-z that name this run of the in-memory log. No effect with `log`. @default random */
  readonly epoch?: string;
  /** Where events are ordered. @default a counter in this process */
  readonly log?: Log;
  /** Called when the log says that it is up, degraded or down, and was not before. */
  readonly onStatus?: (status: LogStatus, previous: LogStatus) => unknown;
  /** Clock, timers and randomness. @default the platform's */
  readonly environment?: Environment;
}

/** Options with every default in place. */
export interface ResolvedOptions extends ResolvedAdmission, ResolvedPresence {
  readonly channels: ChannelDefinitions | undefined;
  readonly history: HistoryLimits;
  readonly historyByChannel: Readonly<Record<string, HistoryLimits>>;
  readonly historyBytes: number;
  readonly userHistoryBytes: number;
  readonly initial: InitialPolicy;
  readonly initialByChannel: Readonly<Record<string, InitialPolicy>>;
  readonly retryMs: readonly [min: number, max: number];
  readonly heartbeatMs: number | null;
  readonly visibleHeartbeat: boolean;
  readonly maxConnectionMs: number | null;
  readonly maxEventBytes: number;
  readonly replayMax: number;
  readonly slow: Required<SlowOptions>;
  readonly pollWaitMs: number;
  readonly batchMs: number;
  readonly padding: number;
  readonly validate: boolean;
  readonly epoch: string | undefined;
  readonly log: Log | undefined;
  readonly onStatus: NonNullable<HubOptions["onStatus"]> | undefined;
  readonly environment: CompleteEnvironment;
}

const NAMES =
  "channels history historyBytes userHistoryBytes initial retryMs heartbeatMs visibleHeartbeat maxConnectionMs maxEventBytes replayMax slow pollWaitMs batchMs padding validate epoch log onStatus environment".split(
    " ",
  );
/** Somebody who watches notices more. */
const MAX_BATCH_MS = 100;
const NO_HISTORY: HistoryLimits = Object.freeze({ size: 0, bytes: 0, ttlMs: null });

/**
 * Fills in defaults.
 *
 * @throws {OptionError} at the first option that is unknown or unusable.
 */
export function resolveOptions(options: HubOptions): ResolvedOptions {
  checkFields("", options, [...NAMES, ...ADMISSION_NAMES, ...PRESENCE_NAMES]);
  const {
    channels,
    validate = true,
    visibleHeartbeat = false,
    epoch,
    log,
    onStatus,
    environment = createEnvironment(),
  } = options;
  if (epoch !== undefined && !/^[0-9a-z]{6}$/.test(epoch)) throw invalid("epoch", "use six characters of 0-9 and a-z.");
  if (onStatus !== undefined && typeof onStatus !== "function") throw invalid("onStatus", "use a function.");
  checkFlag("validate", validate);
  checkFlag("visibleHeartbeat", visibleHeartbeat);
  const retryMs = checkRange(options.retryMs ?? DEFAULTS.retryMs);
  const byName = typeof options.initial === "object" ? options.initial : {};
  return {
    ...resolveAdmission(options),
    ...resolvePresence(options, channels, retryMs),
    channels,
    ...resolveHistory(options.history, channels),
    userHistoryBytes: checkNumber("userHistoryBytes", options.userHistoryBytes ?? DEFAULTS.userHistoryBytes, 1),
    historyBytes: checkNumber("historyBytes", options.historyBytes ?? DEFAULTS.historyBytes, 1),
    initial: checkInitial("initial", typeof options.initial === "object" ? "latest" : (options.initial ?? "latest")),
    initialByChannel: checkPerChannel("initial", byName, channels, checkInitial),
    retryMs,
    heartbeatMs: checkHeartbeat(options.heartbeatMs),
    visibleHeartbeat,
    maxConnectionMs: checkMaxConnection(options.maxConnectionMs ?? null),
    maxEventBytes: checkNumber("maxEventBytes", options.maxEventBytes ?? DEFAULTS.maxEventBytes, 1),
    replayMax: checkNumber("replayMax", options.replayMax ?? DEFAULTS.replayMax, 0),
    slow: resolveSlow(options.slow ?? {}),
    pollWaitMs: checkNumber("pollWaitMs", options.pollWaitMs ?? DEFAULTS.pollWaitMs, 0),
    batchMs: checkNumber("batchMs", options.batchMs ?? DEFAULTS.batchMs, 0, MAX_BATCH_MS),
    padding: checkNumber("padding", options.padding ?? DEFAULTS.padding, 0),
    validate,
    epoch,
    log,
    onStatus,
    environment: completeEnvironment(environment),
  };
}

function resolveHistory(history: HubOptions["history"] = {}, channels: ChannelDefinitions | undefined) {
  if (history === false) return { history: NO_HISTORY, historyByChannel: {} };
  checkFields("history", history, ["size", "bytes", "ttlMs", "channels"]);
  const base = resolveLimits("history", history, DEFAULTS.history);
  const resolve = (path: string, own: HistoryOptions | false) => {
    if (own === false) return NO_HISTORY;
    checkFields(path, own, ["size", "bytes", "ttlMs"]);
    return resolveLimits(path, own, base);
  };
  return {
    history: base,
    historyByChannel: checkPerChannel("history.channels", history.channels ?? {}, channels, resolve),
  };
}

function resolveLimits(path: string, own: HistoryOptions, inherited: HistoryLimits): HistoryLimits {
  const { size = inherited.size, bytes = inherited.bytes, ttlMs = inherited.ttlMs } = own;
  return {
    size: checkNumber(`${path}.size`, size, 1),
    bytes: checkNumber(`${path}.bytes`, bytes, 1),
    ttlMs: ttlMs === null ? null : checkNumber(`${path}.ttlMs`, ttlMs, 1),
  };
}

function checkInitial(path: string, policy: InitialPolicy): InitialPolicy {
  if (policy === "none" || policy === "latest" || policy === "last") return policy;
  if (typeof policy === "number") return checkNumber(path, policy, 1);
  throw invalid(path, 'use "none", "latest", "last" or a number of events.');
}

function checkRange(range: readonly [number, number]): readonly [number, number] {
  if (!Array.isArray(range) || range.length !== 2) throw invalid("retryMs", "use [min, max] in milliseconds.");
  const [min, max] = [checkNumber("retryMs", range[0], 0), checkNumber("retryMs", range[1], 0)];
  if (min > max) throw invalid("retryMs", "put the smaller number first.");
  return [min, max];
}

function checkHeartbeat(heartbeatMs: number | null | undefined): number | null {
  return heartbeatMs === null ? null : checkNumber("heartbeatMs", heartbeatMs ?? DEFAULTS.heartbeatMs, 25);
}

function checkFlag(name: string, value: unknown): void {
  if (typeof value !== "boolean") throw invalid(name, "use true or false.");
}

function checkMaxConnection(maxConnectionMs: number | null): number | null {
  return maxConnectionMs === null ? null : checkNumber("maxConnectionMs", maxConnectionMs, 1_000);
}
