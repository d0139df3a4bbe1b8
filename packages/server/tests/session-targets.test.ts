import { afterEach, describe, expect, it, vi } from "vitest";
import { cleanUp } from "./support/live-server.ts";
import { PROTOCOLS, type SessionClient, serveSessions } from "./support/session-server.ts";

afterEach(cleanUp);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function until(client: SessionClient, condition: (text: string) => boolean) {
  return vi.waitFor(() => expect(condition(client.text())).toBe(true), { timeout: 20_000 });
}

describe.each(PROTOCOLS)("a session over %s", (protocol) => {
  // SPEC 81, 82
  it("answers with the headers of a stream and its first bytes at once", async () => {
    const headers = { "X-Own": "1", "Content-Type": "text/html", "Cache-Control": "no-cache" };
    const { sessions, open } = await serveSessions(protocol, { headers });
    const client = await open();
    await until(client, (text) => text.endsWith("\n\n"));
    expect(client.status).toBe(200);
    expect(client.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
      "x-own": "1",
    });
    const { events, retry } = client.parse();
    expect(events).toMatchObject([{ event: "welcome", json: { id: sessions[0]!.id } }]);
    expect(sessions[0]!.id).toMatch(UUID);
    expect(retry).toBeGreaterThanOrEqual(2_000);
    expect(retry).toBeLessThanOrEqual(4_000);
  });

  // SPEC 81
  it("tells the id that the client presents, in the header or the query", async () => {
    const { sessions, open } = await serveSessions(protocol);
    await open({ "last-event-id": "a" }, "GET", "?lastEventId=b");
    expect((await open({}, "POST", "?last_event_id=c")).status).toBe(200);
    await open();
    expect(sessions.map(({ lastEventId }) => lastEventId)).toEqual(["a", "c", undefined]);
  });

  // SPEC 81
  it("tells an id that is not ASCII as a browser presents it", async () => {
    const { sessions, open } = await serveSessions(protocol);
    const presented = ["h\u00e9\u20ac \u{1f600}", "a\ufeff"];
    for (const id of presented) await open({ "last-event-id": Buffer.from(id).toString("latin1") });
    // One byte for each character, as a script can set it, is no UTF-8.
    await open({ "last-event-id": "\u00e9" });
    expect(sessions.map(({ lastEventId }) => lastEventId)).toEqual([...presented, "\u00e9"]);
  });

  // SPEC 81
  it("answers other methods with 405", async () => {
    const { sessions, open } = await serveSessions(protocol);
    const client = await open({}, "PUT");
    expect(client).toMatchObject({ status: 405, headers: { allow: "GET, POST" } });
    expect(sessions[0]!.isOpen).toBe(false);
    expect(await sessions[0]!.closed).toBe("refused");
    expect(await sessions[0]!.send({ data: 1 })).toBe(false);
  });

  // SPEC 83
  it("brings every message to a parser as it was sent", async () => {
    const { sessions, open } = await serveSessions(protocol, { welcome: false });
    const client = await open();
    const data = ["a\n\nevent: evil\ndata: x\n\n", "\r\n", " é😀", { deep: [null, 1] }, null];
    for (const each of data) void sessions[0]!.send({ event: "json", data: each });
    void sessions[0]!.send({ data: "a\r\nid: 9\rb\n\n", raw: true, id: "17" });
    void sessions[0]!.comment("data: no\n\ndata: event");
    void sessions[0]!.send({ data: "end" });
    await until(client, (text) => text.includes('"end"'));
    const { events, lastEventId, comments } = client.parse();
    expect(events.slice(0, -2).map(({ event, json }) => [event, json])).toEqual(data.map((each) => ["json", each]));
    expect(events.at(-2)).toMatchObject({ data: "a\nid: 9\nb\n\n", id: "17" });
    expect(lastEventId).toBe("17");
    expect(comments).toEqual(["data: no", "", "data: event"]);
  });

  // SPEC 84, 86
  it("delivers what was sent in the tick of the close, and ends", async () => {
    const { sessions, open } = await serveSessions(protocol, { welcome: false }, (session) => {
      void session.send({ data: "first" });
      void session.send({ data: "x".repeat(300_000) });
      session.close();
      void session.send({ data: "late" });
    });
    const client = await open();
    await vi.waitFor(() => expect(client.ended).toBe(true), { timeout: 20_000 });
    expect(client.parse().events.map(({ data }) => data.length)).toEqual([7, 300_002]);
    expect(await sessions[0]!.closed).toBe("closed");
  });

  // SPEC 84
  it("sends no faster than the client reads when each send is awaited", { timeout: 60_000 }, async () => {
    const { sessions, open } = await serveSessions(protocol);
    const client = await open();
    const [session] = sessions;
    client.pause();
    let sent = 0;
    const sending = (async () => {
      for (; sent < 400; sent++) if (!(await session!.send({ data: "x".repeat(50_000) }))) return false;
      return true;
    })();
    // Until nothing moves any more: the buffers between the two are full.
    let before = -1;
    await vi.waitFor(
      () => {
        const isStill = sent === before && sent > 0;
        before = sent;
        expect(isStill).toBe(true);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(sent).toBeLessThan(400);
    expect(session!.isOpen).toBe(true);
    client.resume();
    expect(await sending).toBe(true);
    await until(client, (text) => text.length > 400 * 50_000);
    expect(client.parse().events).toHaveLength(401);
  });

  // SPEC 85
  it("drops a client that reads nothing while more and more is sent", async () => {
    const { sessions, open } = await serveSessions(protocol, { maxBufferedBytes: 200_000 });
    const client = await open();
    const [session] = sessions;
    client.pause();
    const flood = setInterval(() => void session!.send({ data: "x".repeat(60_000) }), 1);
    try {
      expect(await session!.closed).toBe("slow");
    } finally {
      clearInterval(flood);
    }
    expect(session!.isOpen).toBe(false);
  });

  // SPEC 84, 86
  it("notices a client that disappears, idle or in the middle of a send", async () => {
    const { sessions, open } = await serveSessions(protocol);
    const clients = [await open(), await open()];
    clients[1]!.pause();
    const sent = sessions[1]!.send({ data: "x".repeat(900_000) });
    const more = sessions[1]!.send({ data: "x".repeat(60_000) });
    for (const client of clients) client.leave();
    expect(await Promise.all(sessions.map(({ closed }) => closed))).toEqual(["client", "client"]);
    // Whether it was taken before is up to the platform; that it settles is not.
    expect(typeof (await sent)).toBe("boolean");
    expect(typeof (await more)).toBe("boolean");
  });

  // SPEC 86
  it("serves a thousand at once and keeps none", { timeout: 60_000 }, async () => {
    const { sessions, open } = await serveSessions(protocol);
    const clients: SessionClient[] = [];
    for (let batch = 0; batch < 10; batch++)
      clients.push(...(await Promise.all(Array.from({ length: 100 }, () => open()))));
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(1_000);
    expect(await Promise.all(sessions.map((session) => session.send({ event: "n", data: session.id })))).not.toContain(
      false,
    );
    await vi.waitFor(() => expect(clients.every((client) => client.text().includes("event: n"))).toBe(true), {
      timeout: 20_000,
    });
    for (const client of clients) {
      const [welcome, own] = client.parse().events;
      expect(own!.json).toBe((welcome!.json as { id: string }).id);
    }
    for (const [index, client] of clients.entries()) if (index % 2) client.leave();
    for (const session of sessions.filter((_, index) => index % 2 === 0)) session.close();
    const ends = await Promise.all(sessions.map(({ closed }) => closed));
    expect(ends.filter((end) => end === "closed").length).toBeGreaterThanOrEqual(500);
    expect(ends.every((end) => end === "closed" || end === "client")).toBe(true);
  });
});
