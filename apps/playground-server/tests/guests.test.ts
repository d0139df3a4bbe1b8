import { describe, expect, test } from "vitest";
import { guestName } from "../src/guest-name.ts";
import { readStream } from "./support/read-stream.ts";
import { post, runApp } from "./support/run-app.ts";

const ann = "ann-0000000000000000";
const bob = "bob-0000000000000000";
const bad = ["", "ann", "ann 0000000000000000", `${"a".repeat(65)}`, "<script>alert(1)</script>"];

const stats = async (origin: string) => (await fetch(`${origin}/api/stats`)).json();

describe("a guest", () => {
  test.each(bad)("is not called %j, whatever is asked for", async (user) => {
    const origin = await runApp();
    const query = new URLSearchParams({ channels: "jobs", user });
    const json = { accept: "application/json" };
    const answers = [
      await fetch(`${origin}/api/sse?${query}`),
      await fetch(`${origin}/api/sse?${query}`, { headers: json }),
      await fetch(`${origin}/api/sse?${query}`, { method: "POST", headers: json, body: '{"conn":"x"}' }),
      await fetch(`${origin}/api/snapshot/jobs?${query}`),
      await post(`${origin}/api/jobs?${query}`, {}),
      await post(`${origin}/api/jobs/cancel?${query}`, { id: "1" }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({
        error: "user: Pass 16 to 64 letters, digits and hyphens.",
        field: "user",
      });
    }
    expect((await stats(origin)).connects).toBe(0);
  });

  test("has to be known to run tasks, and to listen does not", async () => {
    const origin = await runApp();
    for (const answer of [
      await post(`${origin}/api/jobs`, {}),
      await post(`${origin}/api/jobs/cancel`, { id: "1" }),
      await fetch(`${origin}/api/snapshot/jobs`),
    ]) {
      expect([answer.status, await answer.json()]).toEqual([400, { error: "user: Say who you are.", field: "user" }]);
    }
    const stream = await readStream(`${origin}/api/sse`);
    await stream.includes("sse.hello");
  });

  test("counts once, however many streams it has", async () => {
    const origin = await runApp();
    for (const user of [ann, ann, bob]) {
      const stream = await readStream(`${origin}/api/sse?channels=ticker&user=${user}`);
      await stream.includes("sse.hello");
    }
    const nobody = await readStream(`${origin}/api/sse`);
    await nobody.includes("sse.hello");
    expect(await stats(origin)).toMatchObject({ connections: 4, users: 2 });
  });

  test("has a short name that is always the same", () => {
    expect(guestName(ann)).toMatch(/^Guest [1-9]\d\d$/);
    expect(guestName(ann)).toBe(guestName(ann));
    const names = new Set(Array.from({ length: 200 }, (_, number) => guestName(`${number}`.repeat(16))));
    expect(names.size).toBeGreaterThan(100);
  });
});

describe("tasks over the wire", () => {
  test("are started, told to the streams of their guest, and cancelled", async () => {
    const origin = await runApp();
    const own = await readStream(`${origin}/api/sse?channels=jobs&user=${ann}`);
    const other = await readStream(`${origin}/api/sse?channels=jobs&user=${bob}`);
    await other.includes("sse.hello");
    const started = await post(`${origin}/api/jobs?user=${ann}`, {});
    expect([started.status, await started.json()]).toEqual([
      200,
      { id: "1", status: "pending", percent: 0, message: "" },
    ]);
    await own.includes('"status":"running","percent":0,"message":"Collecting trades"');
    const cancelled = await post(`${origin}/api/jobs/cancel?user=${ann}`, { id: "1" });
    expect([cancelled.status, await cancelled.json()]).toMatchObject([200, { error: { code: "cancelled" } }]);
    await own.includes('"code":"cancelled"');

    const again = await readStream(`${origin}/api/sse?channels=jobs&user=${ann}`);
    await again.includes('"code":"cancelled"');
    expect(again.text().match(/^event: job$/gm)).toHaveLength(1);
    const { data, id } = await (await fetch(`${origin}/api/snapshot/jobs?user=${ann}`)).json();
    expect([data, id]).toMatchObject([[{ id: "1", status: "failed" }], /^id: (.*)$/m.exec(again.text())?.[1]]);
    expect(other.text()).not.toContain("event: job");
    expect((await (await fetch(`${origin}/api/snapshot/jobs?user=${bob}`)).json()).data).toEqual([]);
  });

  test.each([
    ["/api/jobs", { fails: "yes" }, 400, "fails"],
    ["/api/jobs", { fail: true }, 400, "fail"],
    ["/api/jobs/cancel", {}, 400, "id"],
    ["/api/jobs/cancel", { id: 1 }, 400, "id"],
    ["/api/jobs/cancel", { id: "1" }, 404, ""],
  ])("POST %s refuses %j", async (path, body, status, field) => {
    const origin = await runApp();
    const answer = await post(`${origin}${path}?user=${ann}`, body);
    expect([answer.status, (await answer.json()).field]).toEqual([status, field]);
  });

  test("a restarted server says what became of them", async () => {
    const origin = await runApp();
    await post(`${origin}/api/jobs?user=${ann}`, {});
    await post(`${origin}/api/hub/restart`, {});
    const stream = await readStream(`${origin}/api/sse?channels=jobs&user=${ann}`);
    await stream.includes("The server restarted before the task was done.");
  });
});
