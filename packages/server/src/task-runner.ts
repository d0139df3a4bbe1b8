import type { Environment } from "./environment.ts";
import { checkFields, invalid } from "./option-checks.ts";
import {
  checkProgress,
  createProgress,
  PROGRESS_NAMES,
  type Progress,
  type ProgressOptions,
  TASK_FAILED,
} from "./progress.ts";
import type { ProgressEvent } from "./progress-event.ts";

/** How a task is run and told of. */
export interface TrackOptions<Channel extends string = string> extends ProgressOptions<Channel> {
  /** Cancels the task when it is aborted. */
  readonly signal?: AbortSignal;
  /**
   * What the user is told when the task fails. By default no more than that, as messages of unforeseen errors may name what
   * is nobody else's business. @default "The task failed."
   */
  readonly describeError?: (error: unknown) => string;
}

/** A task that says how far it is. Its `signal` is aborted when it is not wanted any more; `update` throws from then on. */
export type Task<Result> = (progress: Pick<Progress, "update">, signal: AbortSignal) => Result | PromiseLike<Result>;

/** Tells of tasks, and runs them. */
export interface TaskRunner {
  progress(id: string, options: ProgressOptions): Progress;
  trackProgress<Result>(id: string, options: TrackOptions, task: Task<Result>): Promise<Result>;
}

/** What {@link createTaskRunner} needs. */
export interface TaskRunnerConfig {
  readonly environment: Pick<Environment, "now" | "setTimer">;
  /** Throws for what cannot be published at all. */
  publish(to: ProgressOptions, event: ProgressEvent): Promise<unknown>;
  report(error: unknown): void;
}

/** Creates the runner of a hub. */
export function createTaskRunner({ environment, publish, report }: TaskRunnerConfig): TaskRunner {
  function begin(id: string, options: ProgressOptions): Progress {
    checkProgress(id, options);
    const { total } = options;
    return createProgress({ id, total, environment, report, publish: (event) => publish(options, event) });
  }

  async function run<Result>(progress: Progress, task: Task<Result>, signal: AbortSignal): Promise<Result> {
    let onAbort!: () => void;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        progress.cancel();
        reject(signal.reason);
      };
    });
    // A task that throws at once leaves nobody to wait for it.
    aborted.catch(() => {});
    signal.addEventListener("abort", onAbort);
    try {
      progress.update({});
      // Whichever comes second is nobody's concern, its error included.
      const result = await Promise.race([task({ update: progress.update }, signal), aborted]);
      signal.throwIfAborted();
      progress.done(result);
      return result;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  function describe(error: unknown, describeError: TrackOptions["describeError"] = () => TASK_FAILED): string {
    try {
      return describeError(error);
    } catch (second) {
      report(second);
      return TASK_FAILED;
    }
  }

  return {
    progress(id, options) {
      checkFields("", options, PROGRESS_NAMES);
      return begin(id, options);
    },
    async trackProgress(id, options, task) {
      checkFields("", options, [...PROGRESS_NAMES, "signal", "describeError"]);
      const { signal = new AbortController().signal, describeError } = options;
      if (typeof signal?.addEventListener !== "function") throw invalid("signal", "use an AbortSignal.");
      if (describeError !== undefined && typeof describeError !== "function")
        throw invalid("describeError", "use a function.");
      const progress = begin(id, options);
      try {
        if (!signal.aborted) return await run(progress, task, signal);
        progress.cancel();
      } catch (error) {
        if (!signal.aborted) progress.fail(describe(error, describeError));
        throw error;
      }
      throw signal.reason;
    },
  };
}
