import { setTimeout } from "node:timers/promises";
import type { Job } from "./channels.ts";
import type { Config } from "./config.ts";
import { RequestError } from "./json.ts";
import type { LiveHub } from "./live-hub.ts";

/** Runs long tasks for guests, and tells each guest of its own. */
export interface Jobs {
  /** The newest of a guest, as they are now, the oldest first. */
  of(guest: string): readonly Job[];
  /**
   * @param fails - has the task fail in the middle
   * @throws {RequestError} 429 or 503
   */
  start(guest: string, fails: boolean): Job;
  /** @throws {RequestError} 404 or 409 */
  cancel(guest: string, id: string): Job;
  /** Ends those under way: the server goes away. */
  interrupt(): void;
  /** Tells a new hub what is known. */
  tellAgain(): void;
}

interface Task {
  readonly stop: AbortController;
  job: Job;
}

interface Guest {
  /** Number of the newest task. */
  last: number;
  /** The oldest first. */
  tasks: readonly Task[];
}

const PHASES = ["Collecting trades", "Adding them up", "Drawing charts", "Writing the report"] as const;
export const STEPS = 20;
/** Among those that draw charts. */
const FAILING_STEP = 12;

/** As many as a page shows. */
const MAX_KEPT = 5;
const MAX_RUNNING = 3;
const MAX_RUNNING_IN_ALL = 60;
/** Far more than there are pages open; who has not started anything for longest is forgotten first. */
const MAX_GUESTS = 1_000;

const isUnderWay = ({ job: { status } }: Task) => status === "pending" || status === "running";

/** @param wait - for so many milliseconds; rejects when the signal is aborted */
export function createJobs(
  live: Pick<LiveHub, "current">,
  { jobMs }: Pick<Config, "jobMs">,
  wait = (ms: number, signal: AbortSignal): Promise<unknown> => setTimeout(ms, undefined, { signal }),
): Jobs {
  const guests = new Map<string, Guest>();
  const underWay = () => [...guests.values()].flatMap(({ tasks }) => tasks.filter(isUnderWay));

  /** What is noted is never behind what is told: a picture of it taken at any time can be continued by the stream. */
  function note(task: Task, change: Partial<Job>) {
    if (isUnderWay(task)) task.job = { ...task.job, ...change };
  }

  function end(task: Task, error: NonNullable<Job["error"]>) {
    note(task, { status: "failed", error });
    task.stop.abort();
  }

  async function run(task: Task, user: string, fails: boolean) {
    const { signal } = task.stop;
    const startedAt = performance.now();
    const describeError = (error: unknown) => (error as Error).message;
    await live.current.trackProgress(
      task.job.id,
      { channel: "jobs", user, signal, describeError },
      async (progress) => {
        for (let step = 0; step < STEPS; step++) {
          const message = PHASES[Math.floor((step / STEPS) * PHASES.length)] ?? "";
          const state = { percent: (step * 100) / STEPS, message };
          note(task, { status: "running", ...state });
          progress.update(state);
          await wait(jobMs / STEPS, signal);
          if (fails && step + 1 === FAILING_STEP) {
            const error = new Error("The charts could not be drawn: this task was told to fail.");
            note(task, { status: "failed", error: { code: "failed", message: error.message } });
            throw error;
          }
        }
        const result = `${STEPS} steps in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
        note(task, { status: "completed", percent: 100, result });
        return result;
      },
    );
  }

  function find(id: string): Guest {
    const guest = guests.get(id) ?? { last: 0, tasks: [] };
    guests.delete(id);
    guests.set(id, guest);
    const idle = [...guests].find(([, { tasks }]) => !tasks.some(isUnderWay));
    if (idle && idle[1] !== guest && guests.size > MAX_GUESTS) guests.delete(idle[0]);
    return guest;
  }

  return {
    of: (id) => (guests.get(id)?.tasks ?? []).map(({ job }) => job),
    start(id, fails) {
      if ((guests.get(id)?.tasks.filter(isUnderWay).length ?? 0) >= MAX_RUNNING)
        throw new RequestError(429, "Three tasks of yours are running. Wait for one of them, or cancel it.");
      if (underWay().length >= MAX_RUNNING_IN_ALL)
        throw new RequestError(503, "The server is busy with tasks of others. Try again in a few seconds.");
      const guest = find(id);
      const job: Job = { id: `${++guest.last}`, status: "pending", percent: 0, message: "" };
      const task = { stop: new AbortController(), job };
      const oldest = guest.tasks.length < MAX_KEPT ? undefined : guest.tasks.find((each) => !isUnderWay(each));
      guest.tasks = [...guest.tasks.filter((each) => each !== oldest), task];
      // Whatever ends it, its guest was told.
      run(task, id, fails).catch(() => {});
      return job;
    },
    cancel(id, number) {
      const task = guests.get(id)?.tasks.find(({ job }) => job.id === number);
      if (!task) throw new RequestError(404, "There is no such task.");
      if (!isUnderWay(task)) throw new RequestError(409, `Task ${number} is over already.`);
      end(task, { code: "cancelled", message: "The task was cancelled." });
      return task.job;
    },
    interrupt() {
      for (const task of underWay())
        end(task, { code: "failed", message: "The server restarted before the task was done." });
    },
    tellAgain() {
      for (const [id, { tasks }] of guests)
        for (const { job } of tasks) void live.current.toUser(id).publish("jobs", job, { latest: true });
    },
  };
}
