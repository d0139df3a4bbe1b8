import { describe, expect, test, vi } from "vitest";
import {
  type ChannelSnapshot,
  type ClientOptions,
  createSSEClient,
  defineChannels,
  type SnapshotContext,
  type SSEError,
  snapshot,
} from "../src/index.ts";
import { createFakeServer, type FakeServerOptions } from "../src/testing/index.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

interface Item {
  readonly id: string;
  readonly n: number;
}

const channels = defineChannels<{ items: Item; other: Item }>({
  items: { key: ({ id }) => id },
  other: {},
});
const item = (id: string, n: number): Item => ({ id, n });

type Answer = ChannelSnapshot<Item> | Promise<ChannelSnapshot<Item>>;

/** A client whose channel "items" has a loader that the test answers by hand. */
function createStory(
  {
    onSubscribe = false,
    answer,
    ...options
  }: Partial<ClientOptions> & {
    readonly onSubscribe?: boolean;
    readonly answer?: (context: SnapshotContext) => Answer;
  } = {},
  serverOptions: FakeServerOptions = {},
) {
  const server = createFakeServer(serverOptions);
  const errors: SSEError[] = [];
  const received: unknown[] = [];
  const loads: (SnapshotContext & { resolve(value: ChannelSnapshot<Item>): void; reject(error: unknown): void })[] = [];
  const load = (context: SnapshotContext): Answer =>
    answer?.(context) ??
    new Promise((resolve, reject) => {
      loads.push({ ...context, resolve, reject });
    });
  const client = createSSEClient<{ items: Item; other: Item }>({
    url: "http://host.test/events",
    channels,
    environment: server.environment,
    onError: (error) => errors.push(error),
    snapshots: { items: snapshot<Item>(load, { onSubscribe }) },
    ...(options as object),
  });
  client.on("message", ({ data, snapshot }) => received.push(snapshot ? `S${(data as Item).n}` : (data as Item).n));
  const settle = async () => {
    await server.settle();
    await server.settle();
  };
  return { client, server, errors, received, loads, settle, view: () => client.channel("items").view.get() };
}

// SPEC 70
describe("a gap", () => {
  test("loads once; live messages wait in order behind the snapshot; then the gap is closed", async () => {
    const { client, server, received, loads, settle, view } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.publish("items", item("a", 1));
    await server.gap(["items"], "slow");
    expect(loads).toHaveLength(1);
    expect(loads[0]).toMatchObject({ channel: "items", gap: { reason: "slow", to: "fake01.1" } });
    expect(view()).toMatchObject({ loading: true, gap: { reason: "slow" } });
    await server.publish("items", item("a", 2));
    await server.publish("other", item("x", 3));
    await server.publish("items", item("a", 4));
    expect(received).toEqual([1, 3]);
    loads[0]?.resolve({ data: [item("a", 100), item("b", 101)] });
    await settle();
    expect(received).toEqual([1, 3, "S100", "S101", 2, 4]);
    expect(view()).toMatchObject({ loading: false, gap: null, error: null, data: { n: 4 } });
    await server.publish("items", item("a", 5));
    expect(received.at(-1)).toBe(5);
    expect(loads).toHaveLength(1);
  });

  test("a snapshot replaces what is kept by key", async () => {
    const { client, server, loads, settle } = createStory();
    client.channel("items").on(() => {});
    await settle();
    for (const id of ["a", "b"]) await server.publish("items", item(id, 1));
    const before = client.channel("items").state.get();
    await server.gap(["items"], "slow");
    await server.publish("items", item("d", 9));
    loads[0]?.resolve({ data: [item("b", 2), item("c", 2)] });
    await settle();
    expect([...client.channel("items").state.get().values()]).toEqual([item("b", 2), item("c", 2), item("d", 9)]);
    expect([...before.keys()]).toEqual(["a", "b"]);
  });

  test("that is told again is ignored up to where the snapshot was taken, and does not show", async () => {
    const { client, server, loads, settle, view } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.publish("items", item("a", 1));
    await server.gap(["items"], "slow");
    loads[0]?.resolve({ data: [], id: "fake01.1" });
    await settle();
    await server.gap(["items"], "slow");
    await settle();
    expect(loads).toHaveLength(1);
    expect(view()).toMatchObject({ gap: null, loading: false });
    await server.publish("items", item("a", 2));
    await server.gap(["items"], "slow");
    expect(loads).toHaveLength(2);
  });

  test("that is told again, after a later one that could not be made up for, leaves that one shown", async () => {
    const load = vi.fn().mockResolvedValueOnce({ data: [], id: "abc123.5" }).mockRejectedValue(new Error("down"));
    const { client, open, settle } = createTestClient({ channels, snapshots: { items: snapshot<Item>(load) } });
    client.channel("items").on(() => {});
    const stream = await open();
    const gap = (to: string) => frame("sse.gap", { channels: ["items"], reason: "trimmed", from: null, to });
    for (const to of ["abc123.4", "abc123.9", "abc123.3"]) {
      stream.push(to === "abc123.4" ? hello() + gap(to) : gap(to));
      await settle();
      await settle();
    }
    expect(load).toHaveBeenCalledTimes(2);
    expect(client.channel("items").gap.get()).toMatchObject({ to: "abc123.9" });
  });

  test("of a snapshot of unknown position that is told again with the same end is ignored, too", async () => {
    const { client, server, loads, settle, view } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    loads[0]?.resolve({ data: [] });
    await settle();
    await server.gap(["items"], "slow");
    await settle();
    expect(loads).toHaveLength(1);
    expect(view().gap).toBeNull();
  });

  test("while a snapshot is loading starts over", async () => {
    const { client, server, received, loads, settle, view } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    await server.publish("items", item("a", 1));
    await server.gap(["items"], "forgotten");
    expect(loads).toHaveLength(2);
    expect(loads[0]?.signal.aborted).toBe(true);
    loads[0]?.resolve({ data: [item("a", 100)] });
    await settle();
    expect(received).toEqual([]);
    expect(view().loading).toBe(true);
    loads[1]?.resolve({ data: [item("a", 200)] });
    await settle();
    expect(received).toEqual(["S200", 1]);
  });
});

// SPEC 71
describe("the position of a snapshot", () => {
  test("drops what it holds already, of what waits and of what comes later", async () => {
    const { client, server, received, loads, settle } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    for (const n of [1, 2, 3]) await server.publish("items", item("a", n));
    loads[0]?.resolve({ data: [item("a", 100)], id: "fake01.2" });
    await settle();
    expect(received).toEqual(["S100", 3]);
    expect(client.stats.get()).toMatchObject({ duplicates: 2 });
  });

  test("of a snapshot that is ahead of the stream drops what the stream brings up to there", async () => {
    const { client, server, received, loads, settle } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    loads[0]?.resolve({ data: [item("a", 100)], id: "fake01.2" });
    await settle();
    for (const n of [1, 2, 3]) await server.publish("items", item("a", n));
    await server.publish("other", item("x", 4));
    expect(received).toEqual(["S100", 3, 4]);
  });

  test("from before the end of the gap does not close it", async () => {
    const { client, server, loads, settle, view } = createStory();
    client.channel("items").on(() => {});
    await settle();
    for (const n of [1, 2, 3]) await server.publish("other", item("a", n));
    await server.gap(["items"], "slow");
    loads[0]?.resolve({ data: [item("a", 100)], id: "fake01.1" });
    await settle();
    expect(view()).toMatchObject({ loading: false, data: { n: 100 }, gap: { reason: "slow", to: "fake01.3" } });
  });

  test("of another epoch drops nothing", async () => {
    const { client, server, received, loads, settle } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    await server.publish("items", item("a", 1));
    loads[0]?.resolve({ data: [], id: "zzzzzz.9" });
    await settle();
    expect(received).toEqual([1]);
  });
});

// SPEC 72
describe("a snapshot that cannot be had", () => {
  const garbage = (value: unknown) => () => value as ChannelSnapshot<Item>;
  test.each<[string, (context: SnapshotContext) => Answer]>([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["gives nothing", () => Promise.resolve(undefined as never)],
    ["gives no list", garbage({ data: { length: 1 } })],
    ["gives a text", garbage({ data: "abc" })],
    ["gives a list on its own", garbage([item("a", 1)])],
  ])("as its loader %s: an error is told, the gap stays, messages go on", async (_, answer) => {
    const { client, server, received, errors, settle, view } = createStory({ answer });
    client.channel("items").on(() => {});
    await settle();
    await server.publish("items", item("a", 1));
    await server.gap(["items"], "slow");
    await settle();
    expect(errors).toEqual([expect.objectContaining({ code: "snapshot", channel: "items", cause: expect.any(Error) })]);
    expect(view()).toMatchObject({ loading: false, gap: { reason: "slow" }, error: { code: "snapshot" } });
    expect([...client.channel("items").state.get().keys()]).toEqual(["a"]);
    await server.publish("items", item("a", 2));
    expect(received).toEqual([1, 2]);
    expect(view().gap).toMatchObject({ reason: "slow" });
  });

  test("in 30 s: what waits is delivered, and the error still shows", async () => {
    const { client, server, received, errors, loads, settle, view } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    await server.publish("items", item("a", 1));
    await server.advance(29_900);
    expect(received).toEqual([]);
    await server.advance(200);
    expect(received).toEqual([1]);
    expect(loads[0]?.signal.aborted).toBe(true);
    expect(errors).toEqual([expect.objectContaining({ code: "snapshot" })]);
    expect(view()).toMatchObject({ loading: false, error: { code: "snapshot" }, gap: { reason: "slow" } });
    loads[0]?.resolve({ data: [item("a", 100)] });
    await settle();
    expect(received).toEqual([1]);
  });

  test("a new subscriber tries again", async () => {
    const { client, server, loads, settle } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    loads[0]?.reject(new Error("no"));
    await settle();
    expect(loads).toHaveLength(1);
    client.channel("items").on(() => {});
    await settle();
    expect(loads).toHaveLength(2);
  });

  test("leaves no timer, whenever it ends", async () => {
    const { client, server, loads, settle } = createStory({ heartbeatMs: null });
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    client.close();
    await settle();
    expect(server.leaks()).toEqual({ timers: 0, listeners: 0, flushes: 0, streams: 0 });
    expect(loads[0]?.signal.aborted).toBe(true);
  });

  test("nor if the loader itself closes the client", async () => {
    const story = createStory({
      answer() {
        story.client.close();
        return new Promise(() => {});
      },
    });
    const { client, server, settle } = story;
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    await settle();
    expect(server.leaks()).toEqual({ timers: 0, listeners: 0, flushes: 0, streams: 0 });
  });
});

// SPEC 73
describe("the connection", () => {
  test("may break while a snapshot loads: it goes on, and what was missed comes behind it", async () => {
    const { client, server, received, loads, settle } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    await server.publish("items", item("a", 1));
    await server.drop();
    await server.publish("items", item("a", 2));
    loads[0]?.resolve({ data: [item("a", 100)] });
    await settle();
    expect(received).toEqual(["S100", 1]);
    await server.advance(10_000);
    expect(received).toEqual(["S100", 1, 2]);
    expect(loads).toHaveLength(1);
  });

  test("closed while one loads, it is given up and loaded again later; nothing that waits is lost", async () => {
    const { client, server, received, loads, settle, view } = createStory();
    client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    await server.publish("items", item("a", 1));
    client.disconnect();
    await settle();
    expect(loads[0]?.signal.aborted).toBe(true);
    expect(view().loading).toBe(false);
    loads[0]?.resolve({ data: [item("a", 100)] });
    await settle();
    expect(received).toEqual([]);
    await server.publish("items", item("a", 2));
    client.connect();
    await settle();
    expect(loads).toHaveLength(2);
    expect(view().loading).toBe(true);
    loads[1]?.resolve({ data: [item("a", 200)] });
    await settle();
    expect(received).toEqual(["S200", 1, 2]);
  });

  test("closed by a handler amid a snapshot, nothing more is delivered, and it is loaded again", async () => {
    const { client, server, received, loads, settle, view } = createStory();
    let isArmed = true;
    client.channel("items").on(({ data }) => {
      if (data.n === 100 && isArmed) client.disconnect();
    });
    await settle();
    await server.gap(["items"], "slow");
    await server.publish("items", item("a", 1));
    loads[0]?.resolve({ data: [item("a", 100), item("a", 101)] });
    await settle();
    expect(received).toEqual(["S100"]);
    expect(view().gap).toMatchObject({ reason: "slow" });
    isArmed = false;
    client.connect();
    await settle();
    loads[1]?.resolve({ data: [item("a", 100), item("a", 101)] });
    await settle();
    expect(received).toEqual(["S100", "S100", "S101", 1]);
  });

  test("closed by a handler amid what waited, the rest comes when it is back, once", async () => {
    const { client, server, received, loads, settle } = createStory();
    client.channel("items").on(({ data }) => data.n === 1 && client.disconnect());
    await settle();
    await server.gap(["items"], "slow");
    for (const n of [1, 2]) await server.publish("items", item("a", n));
    loads[0]?.resolve({ data: [] });
    await settle();
    expect(received).toEqual([1]);
    await server.publish("items", item("a", 3));
    client.connect();
    await settle();
    expect(received).toEqual([1, 2, 3]);
    expect(loads).toHaveLength(1);
  });
});

// SPEC 74
describe("whoever subscribes", () => {
  test("first has it loaded where that is wanted, once the stream is there", async () => {
    const { client, server, received, loads, settle, view } = createStory({ onSubscribe: true });
    expect(loads).toHaveLength(0);
    client.channel("items").on(() => {});
    expect(loads).toHaveLength(0);
    await settle();
    expect(loads).toHaveLength(1);
    expect(loads[0]?.gap).toBeNull();
    expect(view().loading).toBe(true);
    await server.publish("items", item("a", 1));
    client.channel("items").on(() => {});
    loads[0]?.resolve({ data: [item("a", 100)], id: "fake01.0" });
    await settle();
    expect(received).toEqual(["S100", 1]);
    expect(view()).toMatchObject({ loading: false, gap: null });
    client.channel("items").on(() => {});
    await settle();
    expect(loads).toHaveLength(1);
  });

  test("to nothing has nothing loaded; who comes to a gap has it loaded", async () => {
    const { client, server, loads, settle, view } = createStory();
    client.channel("other").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    await settle();
    expect(loads).toHaveLength(0);
    expect(view().gap).toMatchObject({ reason: "slow" });
    client.channel("items").on(() => {});
    await settle();
    expect(loads).toHaveLength(1);
  });

  test("in the frame of the gap has it loaded as well; of one that is closed, not again", async () => {
    const { client, server, loads, settle } = createStory();
    client.channel("other").on(() => {});
    client.on("message", () => client.channel("items").on(() => {}));
    await settle();
    void server.gap(["items"], "slow");
    await server.publish("other", item("x", 1));
    await settle();
    expect(loads).toHaveLength(1);
    loads[0]?.resolve({ data: [] });
    await server.clock.advance(0);
    client.channel("items").on(() => {});
    await settle();
    expect(loads).toHaveLength(1);
  });

  test("after others have left while it was loading finds a later gap, not the end of the first one", async () => {
    const { client, server, loads, settle, view } = createStory();
    client.channel("other").on(() => {});
    const leave = client.channel("items").on(() => {});
    await settle();
    await server.gap(["items"], "slow");
    leave();
    await server.advance(1_100);
    await server.publish("other", item("x", 1));
    await server.gap(["items"], "forgotten");
    loads[0]?.resolve({ data: [] });
    await settle();
    expect(view()).toMatchObject({ loading: false, gap: { reason: "forgotten" } });
    client.channel("items").on(() => {});
    await settle();
    expect(loads.at(-1)?.gap).toMatchObject({ reason: "forgotten" });
  });
});
