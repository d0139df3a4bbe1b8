import { describe, expect, it, vi } from "vitest";
import {
  defineChannels,
  type HubOptions,
  InvalidDataError,
  OptionError,
  ProgressClosedError,
  type ProgressEvent,
  type ProgressOptions,
  type ProgressUpdate,
  type,
} from "../src/index.ts";
import { createTaskRunner } from "../src/task-runner.ts";
import { createManualEnvironment } from "./support/manual-environment.ts";
import { connect, createTestHub, settle } from "./support/test-hub.ts";

function createWorld(publishEvent: (event: ProgressEvent) => Promise<unknown> = () => Promise.resolve()) {
  const environment = createManualEnvironment();
  const published: ProgressEvent[] = [];
  const report = vi.fn();
  const publish = vi.fn((_: ProgressOptions, event: ProgressEvent) => {
    const promise = publishEvent(event);
    published.push(event);
    return promise;
  });
  const tasks = createTaskRunner({ environment, publish, report });
  /** What was published, in short. */
  const told = () => published.map(({ status, percent, message }) => [status, percent, message]);
  return { environment, published, publish, report, told, ...tasks };
}

describe("the progress of a task", () => {
  // SPEC 118
  it.each<[string, string, object]>([
    ["id", "", {}],
    ["id", 5 as unknown as string, {}],
    ["user", "t", { user: "" }],
    ["user", "t", { user: 5 }],
    ["total", "t", { total: -1 }],
    ["total", "t", { total: Number.NaN }],
    ["total", "t", { total: "5" }],
    ["totl", "t", { totl: 5 }],
    ["signal", "t", { signal: new AbortController().signal }],
  ])("with a wrong %s is an OptionError, and nothing is published", (option, id, options) => {
    const { progress, published } = createWorld();
    const begin = () => progress(id, { channel: "jobs", ...options });
    expect(begin).toThrow(OptionError);
    expect(begin).toThrow(`"${option}"`);
    expect(published).toEqual([]);
  });

  // SPEC 118
  it("is published from pending to completed, each time as a whole", () => {
    const { environment, published, progress } = createWorld();
    const task = progress("t", { channel: "jobs" });
    expect(published).toEqual([{ id: "t", status: "pending", percent: 0, message: "" }]);
    environment.advance(1_000);
    task.update({ percent: 10, message: "Loading" });
    environment.advance(1_000);
    task.update(20);
    environment.advance(1_000);
    task.update({ message: "Writing" });
    environment.advance(1_000);
    task.done({ url: "/x" });
    expect(published.slice(1)).toEqual([
      { id: "t", status: "running", percent: 10, message: "Loading" },
      { id: "t", status: "running", percent: 20, message: "Loading" },
      { id: "t", status: "running", percent: 20, message: "Writing" },
      { id: "t", status: "completed", percent: 100, message: "Writing", result: { url: "/x" } },
    ]);
    expect(environment.pending).toBe(0);
  });

  // SPEC 118
  it("without a result, or failed, or cancelled, ends as that", () => {
    const { published, progress } = createWorld();
    progress("a", { channel: "jobs" }).done();
    const failed = progress("b", { channel: "jobs" });
    failed.update(50);
    failed.fail("No space left.");
    progress("c", { channel: "jobs" }).cancel();
    expect(published.filter(({ status }) => status !== "pending")).toEqual([
      { id: "a", status: "completed", percent: 100, message: "" },
      { id: "b", status: "failed", percent: 50, message: "", error: { code: "failed", message: "No space left." } },
      {
        id: "c",
        status: "failed",
        percent: 0,
        message: "",
        error: { code: "cancelled", message: "The task was cancelled." },
      },
    ]);
  });

  // SPEC 118
  it("tells of an error its message only, and not more of that than 1,000 characters", () => {
    const { published, progress } = createWorld();
    const errors = [
      Object.assign(new Error("No space left."), { path: "/secret" }),
      "x".repeat(5_000),
      undefined,
      { message: 5 },
    ];
    for (const error of errors) progress("t", { channel: "jobs" }).fail(error as Error);
    expect(published.flatMap(({ error }) => (error ? [error] : []))).toEqual([
      { code: "failed", message: "No space left." },
      { code: "failed", message: "x".repeat(1_000) },
      { code: "failed", message: "The task failed." },
      { code: "failed", message: "The task failed." },
    ]);
  });

  // SPEC 118
  it("never goes back, below 0 or beyond 100", () => {
    const { environment, told, progress } = createWorld();
    const task = progress("t", { channel: "jobs" });
    for (const percent of [-5, 30, 20, 120]) {
      environment.advance(100);
      task.update(percent);
    }
    expect(told()).toEqual([
      ["pending", 0, ""],
      ["running", 0, ""],
      ["running", 30, ""],
      ["running", 100, ""],
    ]);
  });

  // SPEC 118
  it.each([
    [4, [1, 3, 4], [25, 75, 100]],
    [0, [0], [100]],
  ])("with a total of %i is a part of it", (total, values, percents) => {
    const { environment, told, progress } = createWorld();
    const task = progress("t", { channel: "jobs", total });
    for (const value of values) {
      environment.advance(100);
      task.update(value);
    }
    environment.advance(100);
    task.update({ percent: 100 });
    expect(told().slice(1)).toEqual(percents.map((percent) => ["running", percent, ""]));
  });

  // SPEC 118
  it.each<[unknown]>([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ["5"],
    [null],
    [{ percent: Number.NaN }],
    [{ percent: "5" }],
    [{ message: 5 }],
    [{ label: "x" }],
  ])("refuses %j, and goes on", (update) => {
    const { environment, told, progress } = createWorld();
    for (const total of [undefined, 0]) {
      const task = progress("t", { channel: "jobs", ...(total === undefined ? {} : { total }) });
      environment.advance(100);
      expect(() => task.update(update as ProgressUpdate)).toThrow(OptionError);
      task.update({ percent: 5 });
    }
    expect(told().filter(([status]) => status === "running")).toEqual([
      ["running", 5, ""],
      ["running", 5, ""],
    ]);
  });

  // SPEC 118
  it("is published ten times a second at most, and the newest state always is", () => {
    const { environment, told, progress } = createWorld();
    const task = progress("t", { channel: "jobs" });
    for (let percent = 1; percent <= 99; percent++) {
      environment.advance(10);
      task.update(percent);
    }
    expect(told().length).toBe(10);
    expect(environment.maxTimers).toBe(1);
    environment.advance(100);
    expect(told().at(-1)).toEqual(["running", 99, ""]);
    expect(told().length).toBe(11);
    expect(environment.pending).toBe(0);
    // Nothing new is nothing to tell.
    environment.advance(1_000);
    task.update(99);
    task.update({});
    expect(told().length).toBe(11);
    // After a pause it is told at once.
    task.update({ message: "Last" });
    expect(told().at(-1)).toEqual(["running", 99, "Last"]);
  });

  // SPEC 118
  it.each(["done", "fail", "cancel"] as const)("ends with %s at once, instead of what waits, and for good", (end) => {
    const { environment, told, progress } = createWorld();
    const task = progress("t", { channel: "jobs" });
    task.update(40);
    expect(environment.pending).toBe(1);
    task[end]("x");
    expect(environment.pending).toBe(0);
    expect(told()).toEqual([["pending", 0, ""], end === "done" ? ["completed", 100, ""] : ["failed", 40, ""]]);
    for (const again of [
      () => task.update(50),
      () => task.done(),
      () => task.fail("x"),
      () => task.cancel(),
      () => task.update(Number.NaN),
    ]) {
      expect(again).toThrow(ProgressClosedError);
      expect(again).toThrow(expect.objectContaining({ code: "progress-closed", id: "t" }));
    }
    environment.advance(1_000);
    expect(told()).toHaveLength(2);
  });

  // SPEC 118
  it("that the log refuses is reported, and the task goes on", async () => {
    const refusal = new Error("refused");
    const { environment, report, told, progress } = createWorld(() => Promise.reject(refusal));
    const task = progress("t", { channel: "jobs" });
    environment.advance(100);
    task.update(1);
    task.update(2);
    environment.advance(100);
    task.done();
    await settle();
    expect(told()).toHaveLength(4);
    expect(report.mock.calls).toEqual([[refusal], [refusal], [refusal], [refusal]]);
  });

  // SPEC 118
  it("that cannot be published is reported, but at its beginning and with its result, where the call throws", () => {
    let isBroken = true;
    const problem = new InvalidDataError("jobs", "broken");
    const { environment, report, told, progress } = createWorld(() => {
      if (isBroken) throw problem;
      return Promise.resolve();
    });
    expect(() => progress("t", { channel: "jobs" })).toThrow(problem);
    isBroken = false;
    const task = progress("t", { channel: "jobs" });
    const other = progress("u", { channel: "jobs" });
    isBroken = true;
    environment.advance(100);
    task.update(1);
    task.update(2);
    environment.advance(100);
    expect(() => task.done()).toThrow(problem);
    other.fail("x");
    expect(() => other.done()).toThrow(ProgressClosedError);
    expect(report.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(new Set(report.mock.calls.flat())).toEqual(new Set([problem]));
    isBroken = false;
    task.fail("No result");
    expect(told().at(-1)).toEqual(["failed", 2, ""]);
    expect(environment.pending).toBe(0);
  });
});

describe("a task that is run", () => {
  const options = { channel: "jobs" };

  // SPEC 119
  it("is told as running and completed, and gives its result", async () => {
    const { environment, published, told, trackProgress } = createWorld();
    const result = await trackProgress("t", { ...options, total: 4 }, async ({ update }) => {
      update(1);
      environment.advance(100);
      return "ready";
    });
    expect(result).toBe("ready");
    expect(told()).toEqual([
      ["pending", 0, ""],
      ["running", 25, ""],
      ["completed", 100, ""],
    ]);
    expect(published.at(-1)).toHaveProperty("result", "ready");
    expect(environment.pending).toBe(0);
  });

  // SPEC 119
  it("and says nothing is running all the same", async () => {
    const { environment, told, trackProgress } = createWorld();
    let finish!: () => void;
    const run = trackProgress("t", options, () => new Promise<void>((resolve) => (finish = resolve)));
    environment.advance(100);
    expect(told()).toEqual([
      ["pending", 0, ""],
      ["running", 0, ""],
    ]);
    finish();
    await run;
    expect(told()).toHaveLength(3);
  });

  // SPEC 119
  it.each<[string, () => Promise<never>]>([
    [
      "throws",
      () => {
        throw new TypeError("at /secret/path");
      },
    ],
    ["rejects", () => Promise.reject(new TypeError("at /secret/path"))],
  ])("and %s is told as failed without a word of its error, which it rejects with", async (_, task) => {
    const { environment, published, trackProgress } = createWorld();
    await expect(trackProgress("t", options, task)).rejects.toThrow(new TypeError("at /secret/path"));
    expect(published.at(-1)).toMatchObject({
      status: "failed",
      error: { code: "failed", message: "The task failed." },
    });
    expect(JSON.stringify(published)).not.toContain("secret");
    expect(environment.pending).toBe(0);
  });

  // SPEC 119
  it.each<[string, (error: unknown) => string, string, unknown[]]>([
    ["is a text", (error) => `Sorry: ${(error as Error).message}`, "Sorry: full", []],
    [
      "throws",
      () => {
        throw new Error("twice");
      },
      "The task failed.",
      [new Error("twice")],
    ],
    ["is nothing", () => undefined as never, "The task failed.", []],
  ])("and fails is described by what describeError gives when that %s", async (_, describeError, message, reported) => {
    const { published, report, trackProgress } = createWorld();
    const run = trackProgress("t", { ...options, describeError }, () => Promise.reject(new Error("full")));
    await expect(run).rejects.toThrow("full");
    expect(published.at(-1)?.error).toEqual({ code: "failed", message });
    expect(report.mock.calls.flat()).toEqual(reported);
  });

  // SPEC 119
  it("and whose result cannot be published has failed", async () => {
    const problem = new InvalidDataError("jobs", "no JSON");
    const { published, trackProgress } = createWorld((event) => {
      if (event.status === "completed") throw problem;
      return Promise.resolve();
    });
    await expect(trackProgress("t", options, () => 5)).rejects.toBe(problem);
    expect(published.at(-1)?.status).toBe("failed");
  });

  // SPEC 119
  it("and aborted is told as cancelled at once, whether it listens or not", async () => {
    const { environment, published, trackProgress } = createWorld();
    const { signal, abort } = abortable();
    let update!: (percent: number) => void;
    let failLate!: (error: Error) => void;
    const run = trackProgress("t", { ...options, signal }, (progress, own) => {
      expect(own).toBe(signal);
      // Its end is what it returns.
      expect(Object.keys(progress)).toEqual(["update"]);
      ({ update } = progress);
      return new Promise((_, reject) => (failLate = reject));
    });
    const outcome = expect(run).rejects.toThrow("not wanted");
    abort(new Error("not wanted"));
    expect(published.at(-1)).toMatchObject({ status: "failed", error: { code: "cancelled" } });
    await outcome;
    expect(() => update(5)).toThrow(ProgressClosedError);
    failLate(new Error("late"));
    await settle();
    expect(published).toHaveLength(2);
    expect(environment.pending).toBe(0);
  });

  // SPEC 119
  it("and aborted before does not begin", async () => {
    const { told, trackProgress } = createWorld();
    const task = vi.fn();
    await expect(trackProgress("t", { ...options, signal: AbortSignal.abort(new Error("no")) }, task)).rejects.toThrow(
      "no",
    );
    expect(task).not.toHaveBeenCalled();
    expect(told()).toEqual([
      ["pending", 0, ""],
      ["failed", 0, ""],
    ]);
  });

  // SPEC 119
  it.each<[string, () => unknown]>([
    ["returns", () => 5],
    [
      "throws",
      () => {
        throw new Error("own");
      },
    ],
  ])("and aborts itself as it %s is cancelled, and nothing is left unhandled", async (_, finish) => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { published, trackProgress } = createWorld();
    const { signal, abort } = abortable();
    const run = trackProgress("t", { ...options, signal }, () => {
      abort(new Error("not wanted"));
      return finish();
    });
    await expect(run).rejects.toThrow(/not wanted|own/);
    await settle();
    process.removeListener("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(published.map(({ status, error }) => [status, error?.code])).toEqual([
      ["pending", undefined],
      ["failed", "cancelled"],
    ]);
  });

  // SPEC 119
  it("listens to its signal no longer than it runs", async () => {
    const { trackProgress } = createWorld();
    const { signal, abort } = abortable();
    const remove = vi.spyOn(signal, "removeEventListener");
    const add = vi.spyOn(signal, "addEventListener");
    await trackProgress("t", { ...options, signal }, () => 5);
    await trackProgress("t", { ...options, signal }, () => Promise.reject(new Error("x"))).catch(() => {});
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener));
    abort(new Error("late"));
  });

  // SPEC 119
  it.each<[string, object]>([
    ["signal", { signal: {} }],
    ["describeError", { describeError: "x" }],
    ["nope", { nope: 1 }],
    ["total", { total: -1 }],
  ])("with a wrong %s does not begin", async (option, wrong) => {
    const { published, trackProgress } = createWorld();
    const task = vi.fn();
    await expect(trackProgress("t", { ...options, ...wrong } as never, task)).rejects.toThrow(`"${option}"`);
    expect([task.mock.calls, published]).toEqual([[], []]);
  });
});

describe("a hub", () => {
  const channels = defineChannels({
    jobs: { ...type<ProgressEvent<number>>(), key: ({ id }) => id },
    news: type<string>(),
  });
  const create = (options: HubOptions = {}) => createTestHub({ channels, heartbeatMs: null, ...options });

  // SPEC 118
  it("publishes progress to everybody on the channel, and the state of each task to whoever comes later", () => {
    const { hub, environment } = create();
    const stream = connect(hub, "?channels=jobs");
    const task = hub.progress("t", { channel: "jobs" });
    environment.advance(100);
    task.update(50);
    environment.endTick();
    hub.progress("u", { channel: "jobs" }).done(1);
    environment.endTick();
    expect(stream.received().map(({ id, json }) => [id, (json as ProgressEvent).status])).toEqual([
      ["epoch0.1", "pending"],
      ["epoch0.2", "running"],
      // Published in one tick with what came before it.
      ["epoch0.4", "completed"],
    ]);
    const late = connect(hub, "?channels=jobs");
    expect(late.received().map(({ json }) => json)).toEqual([
      { id: "t", status: "running", percent: 50, message: "" },
      { id: "u", status: "completed", percent: 100, message: "", result: 1 },
    ]);
    const back = connect(hub, "?channels=jobs", "epoch0.1");
    expect(back.gaps()).toEqual([]);
    expect(back.received().map(({ id }) => id)).toEqual(["epoch0.2", "epoch0.4"]);
  });

  // SPEC 118
  it("tells progress for a user to this user only, also to whoever of them comes later", () => {
    const { hub, environment } = create();
    const open = (user: string | undefined) => connect(hub, "?channels=jobs", undefined, { user });
    const own = [open("ann"), open("ann")];
    const others = [open("bob"), open(undefined)];
    const task = hub.progress("t", { channel: "jobs", user: "ann" });
    environment.endTick();
    task.done(5);
    environment.endTick();
    own.push(open("ann"));
    others.push(open("bob"));
    const statuses = own.map((stream) => stream.received().map(({ json }) => (json as ProgressEvent).status));
    expect(statuses).toEqual([["pending", "completed"], ["pending", "completed"], ["completed"]]);
    for (const stream of others) expect(stream.received()).toEqual([]);
  });

  // SPEC 118
  it("refuses progress on a channel that is not there", async () => {
    const { hub } = create();
    expect(() => hub.progress("t", { channel: "nope" })).toThrow(expect.objectContaining({ code: "unknown-channel" }));
    const task = vi.fn();
    await expect(hub.trackProgress("t", { channel: "nope" }, task)).rejects.toMatchObject({ code: "unknown-channel" });
    expect(task).not.toHaveBeenCalled();
  });

  // SPEC 118, 119
  it("that is closed reports what cannot be told of a task, which goes on", async () => {
    const onError = vi.fn();
    const { hub, environment } = create({ onError });
    const task = hub.progress("t", { channel: "jobs", user: "ann" });
    const run = hub.trackProgress("u", { channel: "jobs" }, async ({ update }) => {
      await settle();
      environment.advance(100);
      update(50);
      return 5;
    });
    await hub.close({ spreadMs: 0 });
    task.done(5);
    expect(await run).toBe(5);
    await settle();
    expect(onError.mock.calls.length).toBeGreaterThanOrEqual(3);
    for (const [error] of onError.mock.calls) expect(error).toMatchObject({ code: "hub-closed" });
    expect(environment.pending).toBe(0);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error) => controller.abort(reason) };
}
