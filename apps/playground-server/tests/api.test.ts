import { describe, expect, test } from "vitest";
import { readStream } from "./support/read-stream.ts";
import { post, runApp } from "./support/run-app.ts";

describe("the API", () => {
  test.each([
    ["/api/faults/cut", {}, "afterBytes"],
    ["/api/faults/cut", { afterBytes: 0 }, "afterBytes"],
    ["/api/faults/cut", { afterBytes: 1.5 }, "afterBytes"],
    ["/api/faults/cut", { afterBytes: "9" }, "afterBytes"],
    ["/api/faults/cut", { afterBytes: 9, next: 1 }, "next"],
    ["/api/faults/cut", { afterBytes: 9, later: true }, "later"],
    ["/api/faults/drop", { all: true }, "all"],
    ["/api/faults/stall", { all: true }, "all"],
    ["/api/faults/expire-token", { all: true }, "all"],
    ["/api/faults/overload", {}, "seconds"],
    ["/api/faults/overload", { seconds: 61 }, "seconds"],
    ["/api/faults/switches", { buffer: "on" }, "buffer"],
    ["/api/faults/switches", { bufer: true }, "bufer"],
    ["/api/token", { user: "me" }, "user"],
    ["/api/hub/restart", { epoch: "abc" }, "epoch"],
    ["/api/rate", {}, "tickMs"],
    ["/api/rate", { tickMs: 0 }, "tickMs"],
    ["/api/rate", "[]", ""],
    ["/api/rate", "7", ""],
    ["/api/rate", "{", ""],
  ])("POST %s refuses %j and names the field", async (path, body, field) => {
    const origin = await runApp();
    const response = await post(origin + path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringContaining(field), field });
  });

  test("a body that is too large is refused", async () => {
    const origin = await runApp();
    expect((await post(`${origin}/api/rate`, `"${"x".repeat(10_000)}"`)).status).toBe(413);
  });

  test("unknown paths and methods are refused in JSON", async () => {
    const origin = await runApp();
    const unknown = await fetch(`${origin}/api/nothing`);
    expect([unknown.status, await unknown.json()]).toEqual([404, { error: "There is no /api/nothing.", field: "" }]);
    const wrong = await fetch(`${origin}/api/rate`, { method: "DELETE" });
    expect([wrong.status, await wrong.json()]).toEqual([405, { error: "Use GET or POST.", field: "" }]);
    expect(wrong.headers.get("allow")).toBe("GET, POST");
  });

  test("what is no address is the request's fault", async () => {
    const origin = await runApp();
    expect((await fetch(`${origin}//`)).status).toBe(400);
  });

  test("the log is what streams receive", async () => {
    const origin = await runApp();
    const { epoch, events } = await (await fetch(`${origin}/api/log`)).json();
    const stream = await readStream(`${origin}/api/sse`, { "last-event-id": `${epoch}.0` });
    await stream.includes(`"replayed":${events.length}`);
    await stream.includes(`id: ${events.at(-1).id}\n\n`);
    const received = stream
      .text()
      .split("\n\n")
      .filter((frame) => /^event: (quote|service)$/m.test(frame))
      .map((frame) => ({
        id: /^id: (.*)$/m.exec(frame)?.[1],
        data: JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? ""),
      }));
    expect(received).toEqual(events.map(({ id, data }: { id: string; data: unknown }) => ({ id, data })));
    const ticker = await (await fetch(`${origin}/api/log?channel=ticker`)).json();
    expect(ticker.events).toEqual(events.filter(({ channel }: { channel: string }) => channel === "ticker"));
  });

  test("the rate can be changed, and publishing paused", async () => {
    const origin = await runApp();
    const published = async () => (await (await fetch(`${origin}/api/stats`)).json()).published;
    const before = await published();
    expect(await (await post(`${origin}/api/rate`, { tickMs: 1 })).json()).toEqual({ tickMs: 1 });
    await expect.poll(published).toBeGreaterThan(before + 20);
    await post(`${origin}/api/rate`, { tickMs: null });
    const paused = await published();
    const stream = await readStream(`${origin}/api/sse`);
    await stream.includes("sse.hello");
    stream.close();
    expect(await published()).toBe(paused);
    expect(await (await fetch(`${origin}/api/rate`)).json()).toEqual({ tickMs: null });
  });

  test("a restarted hub has a new epoch, and its first snapshot is complete", async () => {
    const origin = await runApp();
    const old = await (await fetch(`${origin}/api/log`)).json();
    const stream = await readStream(`${origin}/api/sse`);
    await stream.includes("login");
    const { epoch } = await (await post(`${origin}/api/hub/restart`, {})).json();
    expect(await stream.ended).toBe(false);
    expect(epoch).not.toBe(old.epoch);
    const log = await (await fetch(`${origin}/api/log`)).json();
    expect([log.epoch, log.events.length]).toEqual([epoch, old.events.length]);

    const resumed = await readStream(`${origin}/api/sse`, { "last-event-id": old.events.at(-1).id });
    await resumed.includes('"reason":"epoch"');
    expect(await (await fetch(`${origin}/api/faults`)).json()).toEqual({ drops: 0, midFrame: 0, midReplay: 0 });
  });
});
