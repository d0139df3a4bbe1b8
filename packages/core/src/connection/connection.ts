import type { Cursor } from "../channels/cursor.ts";
import { defaults } from "../defaults.ts";
import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import type { ClientOptions } from "../options.ts";
import type { Batch } from "../store/batch.ts";
import { createCell, type Readable } from "../store/readable.ts";
import { decideRetry } from "./backoff.ts";
import { initialSituation, type MachineContext, type MachineEvent, transition } from "./machine.ts";
import { createPageWatch } from "./page-watch.ts";
import { type ConnectionState, toStatus } from "./status.ts";
import { waitUntil } from "./wait-until.ts";
import { createWanted, type Wanted } from "./wanted.ts";
import { createWatchdog } from "./watchdog.ts";

/** One attempt to have a stream. */
export interface Attempt {
  /** Failed attempts in a row before this one. */
  readonly attempt: number;
  readonly cause: SSEError | null;
  /** Aborted as soon as the attempt is superseded; whoever holds it falls silent then. */
  readonly signal: AbortSignal;
  /** The stream is open. */
  opened(): void;
  /** Bytes arrived. */
  hear(): void;
  /** How long the stream may be silent; `null`: for ever. */
  expect(heartbeatMs: number | null): void;
  /** A message arrived: proof enough that the server is well. */
  healthy(): void;
  failed(failure: SSEError): void;
}

export interface Connection {
  readonly status: Readable<ConnectionState>;
  /** The cursor changed; the status shows it from the next flush on. */
  touch(): void;
  /** Whatever is wanted keeps the connection open. */
  readonly wanted: Wanted;
  connect(): void;
  reconnect(): void;
  disconnect(): void;
  pause(reason?: string): void;
  resume(reason?: string): void;
  /**
   * Replaces an attempt or a stream that is under way by one with a new request; whatever else is under way will make one.
   *
   * @param isForced - what waits or was refused tries again at once, too
   */
  renew(isForced?: boolean): void;
}

/**
 * Runs what the connection machine decides and publishes what users may see of it.
 *
 * @param canRepeat - whether the same request may be sent again without the user asking for it
 * @param onWanted - told when other channels may be wanted
 * @param onError - told of every failure, except of a stream that merely ended
 */
export function createConnection(
  options: Pick<
    ClientOptions,
    "lingerMs" | "retry" | "onUnauthorized" | "heartbeatMs" | "firstByteTimeoutMs" | "pauseHiddenAfterMs"
  >,
  environment: Environment,
  batch: Batch,
  cursor: Cursor,
  canRepeat: () => boolean,
  start: (attempt: Attempt) => void,
  onWanted: () => void,
  onError: (error: SSEError) => void,
): Connection {
  const { now, setTimer, random, isOnline } = environment;
  const {
    lingerMs = defaults.lingerMs,
    retry: policy = true,
    heartbeatMs = null,
    firstByteTimeoutMs = defaults.firstByteTimeoutMs,
    pauseHiddenAfterMs = null,
  } = options;
  const pausedBy = new Set<string>();
  let situation = initialSituation;
  let openedAt: number | null = null;
  let abort: AbortController | undefined;
  let cancelTimer = () => {};

  const describe = (): ConnectionState => {
    const [state, { attempt, cause, reason, nextRetryAt }] = situation;
    return {
      status: toStatus(state, cause !== null),
      reason,
      attempt,
      nextRetryAt,
      cause,
      stale: watchdog.isStale(),
      offline: !isOnline(),
      pausedBy: [...pausedBy],
      transport: cursor.transport,
      resume: cursor.resume,
      lastEventId: cursor.lastEventId,
      openedAt,
    };
  };
  const commit = () => status.stage(describe());
  const publish = () => commit()();

  const dispatch = (
    type: MachineEvent["type"],
    details?: Pick<MachineEvent & { type: "failed" }, "cause" | "decision">,
  ) => {
    const event = { type, now: now(), ...details } as MachineEvent;
    let next = transition(situation, event);
    // A paused connection never gets as far as connecting, whoever asks for it.
    if (next?.[0] === "connecting" && pausedBy.size)
      next = transition(next, { ...event, type: "pause" } as MachineEvent);
    if (!next) return;
    situation = next;
    enter();
    publish();
  };

  /** Ends what belonged to the last state and begins what belongs to this one. */
  const enter = () => {
    const [state, { attempt, cause, nextRetryAt }] = situation;
    cancelTimer();
    if (state === "open") {
      // The stream whose opening led here is the one thing that outlives its state.
      openedAt = now();
      cancelTimer = setTimer(() => forgive({ attempt: 0, refreshed: false }), defaults.healthyAfterMs);
      watchdog.start(heartbeatMs);
      return;
    }
    watchdog.stop();
    abort?.abort(cause ?? undefined);
    abort = new AbortController();
    const { signal } = abort;
    if (state === "idle" || state === "closed") page.stop();
    else page.start();
    if (state === "connecting") {
      cursor.resume = null;
      cancelTimer = waitUntil(now() + firstByteTimeoutMs, reportSilence, environment);
      start({
        attempt,
        cause,
        signal,
        opened: () => signal.aborted || dispatch("opened"),
        hear: watchdog.hear,
        expect: (interval) => signal.aborted || watchdog.start(interval),
        healthy: () => signal.aborted || situation[1].attempt === 0 || forgive({ attempt: 0 }),
        failed: (failure) => signal.aborted || fail(failure),
      });
    } else if (state === "waiting") cancelTimer = waitUntil(nextRetryAt!, () => dispatch("ready"), environment);
    else if (state === "refreshing") void refresh(cause!, signal);
  };

  /** What is held against the server once its stream has proved healthy: a message for the attempts, time for the rest. */
  const forgive = (change: Partial<MachineContext>) => {
    const [state, context] = situation;
    situation = [state, { ...context, ...change }];
    batch(commit);
  };

  const refresh = async (cause: SSEError, signal: AbortSignal) => {
    try {
      await options.onUnauthorized?.({ cause, signal });
      if (!signal.aborted) dispatch("ready");
    } catch (error) {
      if (!signal.aborted) fail(SSEError.from(error, "request", "onUnauthorized threw."));
    }
  };

  const fail = (cause: SSEError) => {
    const [, { attempt, refreshed }] = situation;
    const decision = decideRetry(cause, {
      attempt,
      policy,
      serverRetryMs: cursor.retryMs,
      roll: random(),
      canRefresh: !!options.onUnauthorized && !refreshed,
      canRepeat: canRepeat(),
      isOnline: isOnline(),
    });
    dispatch("failed", { cause, decision });
    if (cause.code !== "ended" && cause.code !== "bye") onError(cause);
  };

  /** Nothing has come for too long. A plain server may take its time before it answers, one of the contract may not. */
  const reportSilence = () => {
    const error = new SSEError(
      "timeout",
      "Nothing came. Over HTTP/1.1 a browser opens six connections per origin and makes further requests wait; or a proxy buffers the stream.",
    );
    if (cursor.contract) fail(error);
    else onError(error);
  };

  const watchdog = createWatchdog(environment, publish, (hasSlept) => {
    fail(new SSEError("timeout", "The stream went silent and is replaced."));
    if (hasSlept) hurry();
  });
  const hurry = () => {
    if (situation[0] === "waiting") dispatch("connect");
  };

  const pause = (reason = "user") => {
    pausedBy.add(reason);
    dispatch("pause");
    publish();
  };
  const resume = (reason = "user") => {
    if (!pausedBy.delete(reason)) return;
    if (!pausedBy.size) dispatch("resume");
    publish();
  };
  const page = createPageWatch(
    environment,
    pauseHiddenAfterMs,
    (reason) => {
      // Coming back would send the request again.
      if (canRepeat()) pause(reason);
      else if (reason === "left") fail(new SSEError("network", "The page was left."));
    },
    resume,
    () => {
      hurry();
      watchdog.wake();
      publish();
    },
    publish,
  );
  const status = createCell(describe());

  const wanted = createWanted(
    lingerMs,
    setTimer,
    () => dispatch("retain"),
    onWanted,
    () => dispatch("release"),
  );
  /** What a user says holds, also when the linger time of a subscriber that has left ends a moment later. */
  const command = (type: "connect" | "reconnect" | "close") => () => {
    wanted.sweep();
    dispatch(type);
  };
  return {
    status,
    touch: () => batch(commit),
    wanted,
    connect: command("connect"),
    reconnect: command("reconnect"),
    disconnect: command("close"),
    pause,
    resume,
    renew(isForced) {
      const [state, { reason }] = situation;
      if (state === "connecting" || state === "open" || (isForced && state !== "idle" && reason !== "user"))
        dispatch("reconnect");
    },
  };
}
