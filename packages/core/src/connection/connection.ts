import type { Cursor } from "../channels/cursor.ts";
import { defaults, MAX_TIMER_MS } from "../defaults.ts";
import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import type { ClientOptions } from "../options.ts";
import type { Batch } from "../store/batch.ts";
import { createCell, type Readable } from "../store/readable.ts";
import { decideRetry } from "./backoff.ts";
import { initialSituation, type MachineContext, type MachineEvent, transition } from "./machine.ts";
import { createRetention } from "./retention.ts";
import { type ConnectionState, toStatus } from "./status.ts";

/** One attempt to have a stream. */
export interface Attempt {
  /** Failed attempts in a row before this one. */
  readonly attempt: number;
  readonly cause: SSEError | null;
  /** Aborted as soon as the attempt is superseded; whoever holds it falls silent then. */
  readonly signal: AbortSignal;
  /** The stream is open. */
  opened(): void;
  /** A message arrived: proof enough that the server is well. */
  healthy(): void;
  failed(failure: SSEError): void;
}

export interface Connection {
  readonly status: Readable<ConnectionState>;
  /** The cursor changed; the status shows it from the next flush on. */
  touch(): void;
  retain(): () => void;
  connect(): void;
  reconnect(): void;
  disconnect(): void;
}

/**
 * Runs what the connection machine decides and publishes what users may see of it.
 *
 * @param onError - told of every failure, except of a stream that merely ended
 */
export function createConnection(
  options: Pick<ClientOptions, "lingerMs" | "retry" | "onUnauthorized">,
  { now, setTimer, random }: Environment,
  batch: Batch,
  cursor: Cursor,
  start: (attempt: Attempt) => void,
  onError: (error: SSEError) => void,
): Connection {
  const { lingerMs = defaults.lingerMs, retry: policy = true } = options;
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
      resume: cursor.resume,
      lastEventId: cursor.lastEventId,
      openedAt,
    };
  };
  const status = createCell(describe());
  const commit = () => status.stage(describe());

  const dispatch = (event: MachineEvent) => {
    const next = transition(situation, event);
    if (!next) return;
    situation = next;
    enter();
    commit()();
  };

  /** Ends what belonged to the last state and begins what belongs to this one. */
  const enter = () => {
    const [state, { attempt, cause, nextRetryAt }] = situation;
    cancelTimer();
    if (state === "open") {
      // The stream whose opening led here is the one thing that outlives its state.
      openedAt = now();
      cancelTimer = setTimer(() => forgive({ attempt: 0, refreshed: false }), defaults.healthyAfterMs);
      return;
    }
    abort?.abort();
    abort = new AbortController();
    const { signal } = abort;
    if (state === "connecting") {
      cursor.resume = null;
      start({
        attempt,
        cause,
        signal,
        opened: () => signal.aborted || dispatch({ type: "opened" }),
        healthy: () => signal.aborted || situation[1].attempt === 0 || forgive({ attempt: 0 }),
        failed: (failure) => signal.aborted || fail(failure),
      });
    } else if (state === "waiting")
      cancelTimer = setTimer(() => dispatch({ type: "ready" }), Math.min(nextRetryAt! - now(), MAX_TIMER_MS));
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
      if (!signal.aborted) dispatch({ type: "ready" });
    } catch (error) {
      if (!signal.aborted) fail(SSEError.from(error, "request", "onUnauthorized threw."));
    }
  };

  const fail = (cause: SSEError) => {
    const [, { attempt, refreshed }] = situation;
    const canRefresh = !!options.onUnauthorized && !refreshed;
    const decision = decideRetry(cause, { attempt, policy, canRefresh, serverRetryMs: cursor.retryMs, roll: random() });
    dispatch({ type: "failed", cause, decision, now: now() });
    if (cause.code !== "ended" && cause.code !== "bye") onError(cause);
  };

  const retention = createRetention(
    lingerMs,
    setTimer,
    () => dispatch({ type: "retain" }),
    () => dispatch({ type: "release" }),
  );
  /** What a user says holds, also when the linger time of a subscriber that has left ends a moment later. */
  const command = (type: "connect" | "reconnect" | "close") => () => {
    retention.dispose();
    dispatch({ type, now: now() });
  };
  return {
    status,
    touch: () => batch(commit),
    retain: retention.retain,
    connect: command("connect"),
    reconnect: command("reconnect"),
    disconnect: command("close"),
  };
}
