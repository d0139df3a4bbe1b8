import type { Environment } from "./environment.ts";
import { ProgressClosedError } from "./errors.ts";
import { checkFields, invalid } from "./option-checks.ts";
import type { ProgressError, ProgressEvent } from "./progress-event.ts";

/** How the progress of a task is told. */
export interface ProgressOptions<Channel extends string = string> {
  /** Where it is published. */
  readonly channel: Channel;
  /** Tells only this user, whatever channels the streams carry. @default everybody who listens to the channel */
  readonly user?: string;
  /** What `update(value)` counts up to. @default 100 */
  readonly total?: number;
}

/** What to tell of a task under way; what is left out stays as it is. */
export interface ProgressUpdate {
  /** From 0 to 100. */
  readonly percent?: number;
  /** What is being done. */
  readonly message?: string;
}

/** The progress of one task. Every method is bound, and throws a {@link ProgressClosedError} after the end. */
export interface Progress<Result = unknown> {
  /**
   * Says how far it is, as a part of `total` or in more words. At most ten events a second are published; the newest state
   * always is. What cannot be published goes to `onError`.
   *
   * @throws {OptionError} for what is no finite number or no text.
   */
  update(update: number | ProgressUpdate): void;
  /**
   * Says that it is completed, at once.
   *
   * @throws {InvalidDataError | PayloadTooLargeError} when the result cannot be published. The task goes on then.
   */
  done(result?: Result): void;
  /** Says that it failed, at once. The message is shown to the user, its first 1,000 characters; nothing else of an error is. */
  fail(error: string | { readonly message: string }): void;
  /** Says that somebody did not want it any more, at once. */
  cancel(): void;
}

/** What {@link createProgress} needs. */
export interface ProgressConfig {
  readonly id: string;
  /** Undefined for 100. */
  readonly total: number | undefined;
  readonly environment: Pick<Environment, "now" | "setTimer">;
  /** Throws for what cannot be published at all. */
  publish(event: ProgressEvent): Promise<unknown>;
  report(error: unknown): void;
}

/** Ten a second: as often as somebody can follow a bar, whatever the pace of the task. */
const INTERVAL_MS = 100;
const MAX_ERROR_CHARS = 1_000;
/** What a client is told of an error without a message for it. */
export const TASK_FAILED = "The task failed.";
const CANCELLED: ProgressError = Object.freeze({ code: "cancelled", message: "The task was cancelled." });

/** Names of the options. */
export const PROGRESS_NAMES: readonly string[] = ["channel", "user", "total"] satisfies (keyof ProgressOptions)[];

/**
 * Checks what a task is told by; its channel is checked by the first event.
 *
 * @throws {OptionError}
 */
export function checkProgress(id: string, { user, total = 1 }: ProgressOptions): void {
  if (typeof id !== "string" || id === "") throw invalid("id", "use a non-empty string.");
  if (user !== undefined && (typeof user !== "string" || user === "")) throw invalid("user", "use a non-empty string.");
  // Nothing to do is a task, too.
  if (!(Number.isFinite(total) && total >= 0)) throw invalid("total", "use a number from 0.");
}

/**
 * Creates the progress of a task and publishes that it is pending. Has one timer at most, and none after the end.
 *
 * @throws what `publish` throws about the first event.
 */
export function createProgress({ id, total, environment, publish, report }: ProgressConfig): Progress {
  let state: ProgressEvent = { id, status: "pending", percent: 0, message: "" };
  let publishedAt = 0;
  let isOver = false;
  let cancelTimer: (() => void) | undefined;

  function tell(event: ProgressEvent) {
    publish(event).catch(report);
    publishedAt = environment.now();
  }

  function tellState() {
    cancelTimer = undefined;
    try {
      tell(state);
    } catch (error) {
      // Nobody waits for it by now.
      report(error);
    }
  }

  function checkOpen() {
    if (isOver) throw new ProgressClosedError(id);
  }

  function close() {
    isOver = true;
    cancelTimer?.();
  }

  function end(error: ProgressError) {
    checkOpen();
    // First, as nothing may keep it open.
    close();
    state = { ...state, status: "failed", error };
    tellState();
  }

  tell(state);

  return {
    update(update) {
      checkOpen();
      const { percent = 0, message = state.message } =
        typeof update === "number" ? { percent: percentOf(checkFinite(update), total) } : checkUpdate(update);
      const next: ProgressEvent = {
        id,
        status: "running",
        percent: Math.max(state.percent, Math.min(100, checkFinite(percent))),
        message,
      };
      const isNews = state.status !== next.status || state.percent !== next.percent || state.message !== next.message;
      state = next;
      if (!isNews || cancelTimer) return;
      const waitMs = publishedAt + INTERVAL_MS - environment.now();
      if (waitMs > 0) cancelTimer = environment.setTimer(tellState, waitMs);
      else tellState();
    },
    done(result) {
      checkOpen();
      tell({ ...state, status: "completed", percent: 100, ...(result === undefined ? {} : { result }) });
      close();
    },
    fail: (error) => end({ code: "failed", message: messageOf(error) }),
    cancel: () => end(CANCELLED),
  };
}

function percentOf(value: number, total = 100): number {
  return total === 0 ? 100 : (value / total) * 100;
}

function checkFinite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw invalid("update", "use a finite number.");
}

function checkUpdate(update: ProgressUpdate): ProgressUpdate {
  checkFields("update", update, ["percent", "message"]);
  const { message } = update;
  if (message !== undefined && typeof message !== "string") throw invalid("update.message", "use a string.");
  return update;
}

/** Never more than its message, as a stack or other fields are nothing for a client. */
function messageOf(error: unknown): string {
  const message =
    typeof error === "string" ? error : (error as { readonly message?: unknown } | null | undefined)?.message;
  return typeof message === "string" ? message.slice(0, MAX_ERROR_CHARS) : TASK_FAILED;
}
