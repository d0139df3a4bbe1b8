import type { Cursor } from "../channels/cursor.ts";
import { defaults } from "../defaults.ts";
import type { Environment } from "../environment.ts";
import { SSEError } from "../errors.ts";
import type { ClientOptions } from "../options.ts";
import type { Batch } from "../store/batch.ts";
import { createCell } from "../store/readable.ts";
import type { Attempt } from "./attempt.ts";
import { decideRetry } from "./backoff.ts";
import type { Connection } from "./controls.ts";
import { initialSituation, type MachineContext, type MachineEvent, transition } from "./machine.ts";
import { createPageWatch } from "./page-watch.ts";
import { refreshOnce } from "./refresh.ts";
import { toState } from "./status.ts";
import { waitUntil } from "./wait-until.ts";
import { createWanted } from "./wanted.ts";
import { createWatchdog } from "./watchdog.ts";

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

  const describe = () =>
    toState(situation, cursor, {
      stale: watchdog.isStale(),
      offline: page.isWatching() && !isOnline(),
      pausedBy: [...pausedBy],
      openedAt,
    });
  const commit = () => status.stage(describe());
  const touch = batch(commit);
  const publish = () => commit()();

  const dispatch = (
    type: MachineEvent["type"],
    details?: Pick<MachineEvent & { type: "failed" }, "cause" | "decision">,
  ) => {
    const next = transition(situation, { type, now: now(), ...details } as MachineEvent);
    if (!next) return;
    // Whoever asks for a connection while it is paused has asked for a paused one.
    situation = (pausedBy.size && transition(next, { type: "pause", now: 0 })) || next;
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
    const last = abort;
    abort = new AbortController();
    const { signal } = abort;
    last?.abort(cause ?? undefined);
    // A user's listener to that may have gone on to another state.
    if (signal.aborted) return;
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
        hear: () => signal.aborted || watchdog.hear(),
        expect: (interval) => signal.aborted || watchdog.start(interval),
        healthy: () => signal.aborted || forgive({ attempt: 0 }),
        failed(failure) {
          const end = () => signal.aborted || fail(failure);
          // That the page is being left is no failure, but may look like one for a moment.
          if (failure.code === "network") environment.afterPageEvents(end);
          else end();
        },
      });
    } else if (state === "waiting") cancelTimer = waitUntil(nextRetryAt!, () => dispatch("ready"), environment);
    else if (state === "refreshing")
      refreshOnce(options.onUnauthorized!, cause!, signal).then(
        () => signal.aborted || dispatch("ready"),
        (error) => signal.aborted || fail(SSEError.from(error, "request", "onUnauthorized threw.")),
      );
  };

  /** What is held against the server once its stream has proved healthy: a message for the attempts, time for the rest. */
  const forgive = (change: Partial<MachineContext>) => {
    const [state, context] = situation;
    situation = [state, { ...context, ...change }];
    touch();
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
      "Nothing came: a proxy buffers, or the six connections per origin are in use.",
    );
    if (cursor.contract) fail(error);
    else onError(error);
  };

  const watchdog = createWatchdog(environment, publish, (hasSlept) => {
    fail(new SSEError("timeout", "The stream went silent."));
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
      else if (reason === "left") fail(new SSEError("ended", "The page was left."));
    },
    resume,
    (wasFrozen) => {
      hurry();
      watchdog.wake();
      if (wasFrozen && situation[0] === "open") watchdog.doubt();
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
    touch,
    wanted,
    connect: command("connect"),
    reconnect: command("reconnect"),
    disconnect: command("close"),
    pause,
    resume,
    renew(isForced) {
      const [state, { reason }] = situation;
      if (!isForced && !canRepeat()) return;
      if (state === "connecting" || state === "open" || (isForced && state !== "idle" && reason !== "user"))
        // The new credentials that a refresh would bring are there.
        dispatch(state === "refreshing" ? "ready" : "reconnect");
    },
  };
}
