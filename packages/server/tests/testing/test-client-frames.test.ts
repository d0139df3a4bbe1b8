import { describe, expect, it } from "vitest";
import { createHub, type Hub, type ProgressEvent } from "../../src/index.ts";
import { createManualEnvironment, createTestClient, type TestClientOptions } from "../../src/testing/index.ts";

function setUp(options = {}) {
  const environment = createManualEnvironment();
  const hub: Hub = createHub({ environment, epoch: "epoch0", ...options });
  return { hub, environment, open: (own?: TestClientOptions) => createTestClient(hub, { environment, ...own }) };
}

const ephemeral = { ephemeral: true } as const;

// SPEC 160
describe("a test client that is sent events without ids", () => {
  it("sees them as they come, of whatever channel, and stays where it is", async () => {
    const { hub, open } = setUp();
    const client = await open({ channels: ["typing"], stream: { user: "ann" } });
    void hub.publish("typing", "bob", ephemeral);
    expect(await client.expectEvent("typing")).toEqual({ event: "typing", id: undefined, data: "bob", text: '"bob"' });
    void hub.toUser("ann").publish("hint", 1, ephemeral);
    void hub.toConnection(client.hello.conn).publish("hint", 2);
    expect((await client.expectEvent("hint")).data).toBe(1);
    expect((await client.expectEvent("hint")).data).toBe(2);
    expect(client.lastEventId).toBe("epoch0.0");
  });

  it("sees them with an added channel once that is complete, and loses them with it", async () => {
    const { hub, environment, open } = setUp();
    const client = await open({ channels: ["a"] });
    void hub.publish("b", 1);
    client.pause();
    const answer = client.change({ subscribe: ["b"], since: { b: "epoch0.0" } });
    await environment.settle();
    void hub.publish("a", 2, ephemeral);
    environment.endTick();
    await answer;
    await client.read();
    // What follows the marker needs no other one.
    await client.read();
    expect(client.events.map(({ data }) => data)).toEqual([1, 2]);

    client.cutAfter("event: c\ndata: 3\n\n".length);
    client.resume();
    void hub.publish("c", 3);
    await client.change({ subscribe: ["c"], since: { c: "epoch0.1" } });
    await client.reconnect();
    void hub.publish("a", 4, ephemeral);
    await client.expectEvent("a", ({ data }) => data === 4);
    expect(client.events.map(({ data }) => data)).toEqual([1, 2, 4]);
  });

  it("holds nothing back for channels that it is refused, nor for those of another client", async () => {
    const { hub, open } = setUp({ channels: { a: {}, b: {} } });
    const [client, other] = [await open({ channels: ["a"] }), await open({ channels: ["a"] })];
    expect((await client.change({ subscribe: ["x"] })).rejected).toEqual(["x"]);
    expect((await client.change({ subscribe: [""] })).status).toBe(400);
    await client.change({ conn: other.hello.conn, subscribe: ["b"] });
    void hub.publish("a", 1, ephemeral);
    expect((await client.expectEvent("a")).data).toBe(1);
  });

  it("gives what came while it waited for the refusal", async () => {
    const decisions: ((grant: object) => void)[] = [];
    const authorize = ({ purpose }: { purpose: string }) =>
      purpose === "change" ? new Promise<object>((resolve) => decisions.push(resolve)) : {};
    const { hub, environment, open } = setUp({ authorize });
    const client = await open({ channels: ["a"] });
    const answer = client.change({ subscribe: ["b"] });
    void hub.publish("a", 1, ephemeral);
    await environment.settle();
    expect(client.events).toEqual([]);
    decisions[0]!({ channels: ["a"] });
    expect((await answer).rejected).toEqual(["b"]);
    expect(client.events).toMatchObject([{ data: 1 }]);
  });
});

// SPEC 160
describe("a test client that is told of the hub", () => {
  it("moves with a visible heartbeat", async () => {
    const { hub, environment, open } = setUp({ visibleHeartbeat: true });
    const client = await open({ channels: ["a"] });
    void hub.publish("b", 1);
    await environment.advance(15_000);
    expect(await client.expectEvent("sse.ping")).toMatchObject({ id: "epoch0.1", data: {} });
    expect(client.lastEventId).toBe("epoch0.1");
    expect(client.events).toEqual([]);
  });

  it("knows who is there, who comes and who goes", async () => {
    const { environment, open } = setUp({ presence: ["room"] });
    const ann = await open({ channels: ["room"], stream: { user: "ann" } });
    expect(ann.hello.presence).toEqual({ room: ["ann"] });
    const bob = await open({ channels: ["room"], stream: { user: "bob" } });
    expect((await ann.expectEvent("sse.presence")).data).toEqual({ channel: "room", type: "join", user: "bob" });
    bob.close();
    await environment.advance(5_000);
    expect((await ann.expectEvent("sse.presence")).data).toEqual({ channel: "room", type: "leave", user: "bob" });
  });

  it("follows a task from wherever it comes in", async () => {
    const { hub, environment, open } = setUp();
    const progress = hub.progress("import-7", { channel: "jobs", user: "ann" });
    await environment.advance(100);
    progress.update(40);
    const client = await open({ channels: ["jobs"], stream: { user: "ann" } });
    expect((await client.expectEvent("jobs")).data).toMatchObject({ status: "running", percent: 40 });
    progress.done("fine");
    const isOver = ({ data }: { data: unknown }) => (data as ProgressEvent).status === "completed";
    expect((await client.expectEvent("jobs", isOver)).data).toMatchObject({ percent: 100, result: "fine" });
  });
});
