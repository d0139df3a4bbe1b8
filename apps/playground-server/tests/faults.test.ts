import { describe, expect, test } from "vitest";
import { readStream } from "./support/read-stream.ts";
import { post, runApp } from "./support/run-app.ts";

const faults = async (origin: string) => (await fetch(`${origin}/api/faults`)).json();

describe("faults", () => {
  test("drop breaks every stream", async () => {
    const origin = await runApp();
    const streams = await Promise.all([readStream(`${origin}/api/sse`), readStream(`${origin}/api/sse`)]);
    expect(await (await post(`${origin}/api/faults/drop`, {})).json()).toEqual({ streams: 2 });
    expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual([false, false]);
    expect(await faults(origin)).toEqual({ drops: 2, midFrame: 0, midReplay: 0 });
  });

  test.each([1, 40, 137, 500])("cut passes on exactly %i more bytes of the body", async (afterBytes) => {
    const origin = await runApp();
    const stream = await readStream(`${origin}/api/sse`);
    const whole = await readStream(`${origin}/api/sse`);
    await Promise.all([stream, whole].map((each) => each.includes("login")));
    await expect.poll(() => stream.text().slice(-2)).toBe("\n\n");
    const had = stream.text().length;
    expect(await (await post(`${origin}/api/faults/cut`, { afterBytes })).json()).toEqual({ streams: 2 });
    await post(`${origin}/api/rate`, { tickMs: 1 });
    expect(await stream.ended).toBe(false);
    expect(stream.text().length - had).toBe(afterBytes);
    expect(stream.text().endsWith("\n\n")).toBe(false);
    await whole.ended;
    expect(await faults(origin)).toEqual({ drops: 2, midFrame: 2, midReplay: 0 });
  });

  test("a cut at the end of a frame is not in the middle of one", async () => {
    const origin = await runApp();
    await post(`${origin}/api/faults/cut`, { afterBytes: "retry: 2000\n\n".length, next: true });
    const stream = await readStream(`${origin}/api/sse`);
    await stream.ended;
    expect(stream.text()).toMatch(/^retry: \d{4}\n\n$/);
    expect(await faults(origin)).toEqual({ drops: 1, midFrame: 0, midReplay: 0 });
  });

  test("the next stream can be cut within its replay, and resumes with the rest", async () => {
    const origin = await runApp();
    const { epoch, events } = await (await fetch(`${origin}/api/log`)).json();
    await post(`${origin}/api/faults/cut`, { afterBytes: 700, next: true });
    const first = await readStream(`${origin}/api/sse`, { "last-event-id": `${epoch}.0` });
    expect(await first.ended).toBe(false);
    expect(first.text()).toHaveLength(700);
    expect(await faults(origin)).toEqual({ drops: 1, midFrame: 1, midReplay: 1 });

    const whole = first.text().split("\n\n").slice(0, -1);
    const ids = whole.flatMap((frame) => /^id: (.*)$/m.exec(frame)?.[1] ?? []);
    expect(ids.length).toBeGreaterThan(0);
    const second = await readStream(`${origin}/api/sse`, { "last-event-id": ids.at(-1) ?? "" });
    await second.includes(`"replayed":${events.length - ids.length}`);
    await second.includes(`id: ${events.at(-1).id}\n\n`);
  });

  test("the snapshot of a fresh stream is no replay", async () => {
    const origin = await runApp();
    await post(`${origin}/api/faults/cut`, { afterBytes: 700, next: true });
    await (await readStream(`${origin}/api/sse`)).ended;
    expect(await faults(origin)).toEqual({ drops: 1, midFrame: 1, midReplay: 0 });
  });

  test("cuts of next streams queue up, one for each", async () => {
    const origin = await runApp();
    await post(`${origin}/api/faults/cut`, { afterBytes: 30, next: true });
    await post(`${origin}/api/faults/cut`, { afterBytes: 60, next: true });
    const texts: string[] = [];
    for (let index = 0; index < 2; index++) {
      const stream = await readStream(`${origin}/api/sse`);
      await stream.ended;
      texts.push(stream.text());
    }
    expect(texts.map(({ length }) => length)).toEqual([30, 60]);
    const third = await readStream(`${origin}/api/sse`);
    await third.includes("login");
  });
});
