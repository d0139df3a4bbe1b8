import { describe, expect, onTestFinished, test } from "vitest";
import type { Job } from "../src/channels.ts";
import { createJobs, STEPS } from "../src/jobs.ts";
import { createLiveHub, type PlaygroundHub } from "../src/live-hub.ts";

const ann = "ann-0000000000000000";
const bob = "bob-0000000000000000";

/** Tasks that wait until they are told to go on. */
function setUp() {
  const live = createLiveHub({ retryMs: undefined, history: 500, heartbeatMs: 2_000 });
  const waiting = new Set<() => void>();
  const jobs = createJobs(
    live,
    { jobMs: 6_000 },
    (_ms, signal) =>
      new Promise((resolve, reject) => {
        const goOn = () => resolve(undefined);
        waiting.add(goOn);
        signal.addEventListener("abort", () => {
          waiting.delete(goOn);
          reject(signal.reason);
        });
      }),
  );
  onTestFinished(() => {
    jobs.interrupt();
    return live.close();
  });
  /** Lets each of them make so many steps. */
  const step = async (count: number) => {
    for (let made = 0; made < count; made++) {
      const all = [...waiting];
      waiting.clear();
      for (const goOn of all) goOn();
      // Several promises long.
      await new Promise(setImmediate);
    }
  };
  return { live, jobs, step, newest: (guest: string) => jobs.of(guest).at(-1) };
}

/** The newest event of each task that a page of the guest begins with. */
async function seenBy(hub: PlaygroundHub, user: string): Promise<Job[]> {
  const request = new Request("http://playground/?channels=jobs&wait=0", { headers: { accept: "application/json" } });
  const { events } = await (await hub.fetch(request, { user })).json();
  return events.map(({ data }: { data: string }) => JSON.parse(data));
}

describe("a task", () => {
  test("goes through its steps to its result", async () => {
    const { jobs, step, newest } = setUp();
    expect(jobs.start(ann, false)).toEqual({ id: "1", status: "pending", percent: 0, message: "" });
    const percents: (number | undefined)[] = [];
    for (let made = 0; made < STEPS; made++) {
      percents.push(newest(ann)?.percent);
      expect(newest(ann)).toMatchObject({ status: "running", message: expect.stringMatching(/^[A-Z]/) });
      await step(1);
    }
    expect(percents).toEqual(Array.from({ length: STEPS }, (_, made) => (made * 100) / STEPS));
    expect(newest(ann)).toMatchObject({
      status: "completed",
      percent: 100,
      result: expect.stringMatching(/^20 steps in \d+\.\d s$/),
    });
  });

  test("that is to fail stops where it did and says why", async () => {
    const { live, jobs, step, newest } = setUp();
    jobs.start(ann, true);
    await step(STEPS);
    const failed = {
      status: "failed",
      percent: 55,
      error: { code: "failed", message: "The charts could not be drawn: this task was told to fail." },
    };
    expect(newest(ann)).toMatchObject(failed);
    expect(await seenBy(live.current, ann)).toMatchObject([failed]);
  });

  test("is told to whoever has started it and to nobody else", async () => {
    const { live, jobs, step } = setUp();
    jobs.start(ann, false);
    jobs.start(bob, true);
    await step(STEPS);
    expect(await seenBy(live.current, ann)).toMatchObject([{ id: "1", status: "completed" }]);
    expect(await seenBy(live.current, bob)).toMatchObject([{ id: "1", status: "failed" }]);
    expect(jobs.of(ann)).toEqual(await seenBy(live.current, ann));
    expect(jobs.of("nobody")).toEqual([]);
  });

  test("can be cancelled while it runs, and not by others", async () => {
    const { live, jobs, step, newest } = setUp();
    const { id } = jobs.start(ann, false);
    await step(3);
    expect(() => jobs.cancel(bob, id)).toThrow("There is no such task.");
    const cancelled = { status: "failed", percent: 15, error: { code: "cancelled" } };
    expect(jobs.cancel(ann, id)).toMatchObject(cancelled);
    await step(STEPS);
    expect(newest(ann)).toMatchObject(cancelled);
    expect(await seenBy(live.current, ann)).toMatchObject([{ status: "failed", error: { code: "cancelled" } }]);
    expect(() => jobs.cancel(ann, id)).toThrow("Task 1 is over already.");
  });
});

describe("tasks", () => {
  test("are at most three at a time for each guest", async () => {
    const { jobs, step } = setUp();
    for (const _ of [1, 2, 3]) jobs.start(ann, false);
    expect(() => jobs.start(ann, false)).toThrow(expect.objectContaining({ status: 429 }));
    expect(jobs.start(bob, false).id).toBe("1");
    jobs.cancel(ann, "2");
    expect(jobs.start(ann, false).id).toBe("4");
    await step(STEPS);
    expect(jobs.of(ann)).toHaveLength(4);
  });

  test("are at most sixty at a time for all", () => {
    const { jobs } = setUp();
    for (let guest = 0; guest < 20; guest++) for (const _ of [1, 2, 3]) jobs.start(`guest-${guest}`, false);
    expect(() => jobs.start(ann, false)).toThrow(expect.objectContaining({ status: 503 }));
    jobs.cancel("guest-7", "1");
    expect(jobs.start(ann, false).id).toBe("1");
  });

  test("are forgotten when five newer ones are known, but not while they run", async () => {
    const { jobs } = setUp();
    jobs.start(ann, false);
    for (let number = 2; number < 9; number++) {
      jobs.start(ann, false);
      jobs.cancel(ann, `${number}`);
    }
    expect(jobs.of(ann).map(({ id }) => id)).toEqual(["1", "5", "6", "7", "8"]);
  });

  test("of the guest who was idle for longest are forgotten when a thousand and one have had some", () => {
    const { jobs } = setUp();
    const startAndCancel = (guest: string) => jobs.cancel(guest, jobs.start(guest, false).id);
    startAndCancel(ann);
    startAndCancel(bob);
    startAndCancel(ann);
    for (let guest = 2; guest <= 1_000; guest++) startAndCancel(`guest-${guest}`);
    expect([jobs.of(ann).length, jobs.of(bob).length]).toEqual([2, 0]);
  });

  test("under way fail when the server restarts, and the new hub is told of all", async () => {
    const { live, jobs, step } = setUp();
    jobs.start(ann, true);
    await step(STEPS);
    jobs.start(ann, false);
    await step(2);
    jobs.interrupt();
    live.restart();
    jobs.tellAgain();
    await step(STEPS);
    const known = [
      { id: "1", status: "failed", error: { message: "The charts could not be drawn: this task was told to fail." } },
      { id: "2", status: "failed", error: { message: "The server restarted before the task was done." } },
    ];
    expect(jobs.of(ann)).toMatchObject(known);
    expect(await seenBy(live.current, ann)).toMatchObject(known);
  });
});
