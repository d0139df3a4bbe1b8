import { describe, expect, test } from "vitest";
import { readStream } from "./support/read-stream.ts";
import { post, runApp } from "./support/run-app.ts";

const lastId = async (origin: string) => (await (await fetch(`${origin}/api/log`)).json()).events.at(-1).id;

describe("silence", () => {
  test("a stalled stream stays open and says nothing more, not even a heartbeat; a new one speaks", async () => {
    const origin = await runApp({ heartbeatMs: 100 });
    const stalled = await readStream(`${origin}/api/sse`);
    await stalled.includes("login");
    await expect.poll(() => stalled.text().slice(-2)).toBe("\n\n");
    expect(await (await post(`${origin}/api/faults/stall`, {})).json()).toEqual({ streams: 1 });
    const had = stalled.text();
    const other = await readStream(`${origin}/api/sse`);
    // Three heartbeats of the one are three that the other did not get.
    await expect.poll(() => other.text().match(/^:/gm)?.length).toBeGreaterThanOrEqual(3);
    expect(stalled.text()).toBe(had);
    let isOver = false;
    void stalled.ended.then(() => {
      isOver = true;
    });
    await lastId(origin);
    expect(isOver).toBe(false);
    stalled.close();
    await expect.poll(async () => (await (await fetch(`${origin}/api/stats`)).json()).connections).toBe(1);
  });

  test("a buffering proxy breaks what is open, sends headers only, and in the end everything in order", async () => {
    const origin = await runApp();
    const before = await readStream(`${origin}/api/sse`);
    await before.includes("login");
    await post(`${origin}/api/faults/switches`, { buffer: true });
    expect(await before.ended).toBe(false);

    // It has the headers, otherwise this would not return.
    const held = await readStream(`${origin}/api/sse`);
    await post(`${origin}/api/rate`, { tickMs: 1 });
    const id = await lastId(origin);
    await expect.poll(() => lastId(origin)).not.toBe(id);
    expect(held.text()).toBe("");
    // Switched on again it leaves alone what is held already.
    expect(await (await post(`${origin}/api/faults/switches`, { buffer: true })).json()).toMatchObject({
      buffer: true,
    });

    await post(`${origin}/api/rate`, { tickMs: null });
    await post(`${origin}/api/faults/switches`, { buffer: false });
    await held.includes(`id: ${await lastId(origin)}\n`);
    expect(held.text()).toMatch(/^retry: \d+\n\nevent: sse\.hello\n/);
    const next = await readStream(`${origin}/api/sse`);
    await next.includes("sse.hello");
  });

  test("polls and changes of channels get through a buffering proxy", async () => {
    const origin = await runApp();
    await post(`${origin}/api/faults/switches`, { buffer: true });
    const poll = await fetch(`${origin}/api/sse`, { headers: { accept: "application/json" } });
    expect([poll.status, (await poll.json()).channels]).toEqual([200, ["services", "ticker"]]);
    const change = await fetch(`${origin}/api/sse`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: JSON.stringify({ conn: "nobody", subscribe: ["ticker"] }),
    });
    expect([change.status, await change.json()]).toMatchObject([409, { error: "unknown-conn" }]);
  });

  test("the channels of an open stream can be changed", async () => {
    const origin = await runApp();
    const stream = await readStream(`${origin}/api/sse?channels=ticker`);
    await stream.includes("sse.hello");
    const conn = /"conn":"([^"]+)"/.exec(stream.text())?.[1];
    const change = await fetch(`${origin}/api/sse`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: JSON.stringify({ conn, subscribe: ["services"] }),
    });
    expect([change.status, await change.json()]).toEqual([200, { channels: ["services", "ticker"], rejected: [] }]);
    await stream.includes("event: sse.subscribed");
    expect(stream.text()).toContain("login");
  });
});
