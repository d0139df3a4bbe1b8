import * as v from "valibot";
import { describe, expect, it, vi } from "vitest";
import { createHub, defineChannels, type LogReader, type } from "../src/index.ts";
import { connect, createTestHub } from "./support/test-hub.ts";

describe("publish", () => {
  // SPEC 12
  it("resolves to ids that count up from 1 in base 36", async () => {
    const hub = createHub({ epoch: "abc123" });
    expect(hub).toMatchObject({ epoch: "abc123", head: "abc123.0" });
    const ids: string[] = [];
    for (let index = 0; index < 36; index++) ids.push((await hub.publish("a", index)).id);
    expect([ids[0], ids[9], ids[35]]).toEqual(["abc123.1", "abc123.a", "abc123.10"]);
    expect(hub.head).toBe("abc123.10");
  });

  // SPEC 12
  it("picks another epoch for every hub", () => {
    const epochs = Array.from({ length: 20 }, () => createHub().epoch);
    expect(epochs.every((epoch) => /^[0-9a-z]{6}$/.test(epoch))).toBe(true);
    expect(new Set(epochs).size).toBe(20);
  });

  // SPEC 12
  it("has recorded the event when it returns", () => {
    const hub = createHub({ epoch: "abc123" });
    void hub.publish("a", 1);
    expect(hub.head).toBe("abc123.1");
  });

  // SPEC 4
  it("sends JSON, or a string as it is", async () => {
    const { hub, environment } = createTestHub();
    const stream = connect(hub);
    void hub.publish("a", { text: "x\ny" });
    void hub.publish("a", "one\r\ntwo", { raw: true });
    environment.endTick();
    expect(stream.received()).toMatchObject([{ data: '{"text":"x\\ny"}' }, { data: "one\ntwo" }]);
  });

  // SPEC 4
  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["a function", () => {}],
    ["a bigint", 1n],
  ])("throws at once for %s", (_, data) => {
    const hub = createHub();
    expect(() => hub.publish("a", data)).toThrow(expect.objectContaining({ code: "invalid-data", channel: "a" }));
    expect(hub.head).toMatch(/\.0$/);
  });

  // SPEC 4
  it("throws for raw data that is no string", () => {
    const hub = createHub();
    expect(() => hub.publish("a", 5 as unknown as string, { raw: true })).toThrow(
      expect.objectContaining({ code: "invalid-data" }),
    );
  });

  // SPEC 7
  it.each([
    ["sse.hello", "reserved-event"],
    ["@user/1", "reserved-event"],
    ["", "invalid-channel"],
    ["a\nid: 9", "invalid-channel"],
    ["a\rb", "invalid-channel"],
    ["a\0b", "invalid-channel"],
    ["a,b", "invalid-channel"],
    ["a/*", "invalid-channel"],
  ])("throws for channel %j", (channel, code) => {
    expect(() => createHub().publish(channel, 1)).toThrow(expect.objectContaining({ code }));
  });

  // SPEC 7
  it("throws for a channel that no definition covers", () => {
    const hub = createHub({ channels: defineChannels({ "chat/*": {} }) });
    expect(() => hub.publish("chat/1/2", 1)).toThrow(expect.objectContaining({ code: "unknown-channel" }));
    expect(() => hub.publish("chat/1", 1)).not.toThrow();
  });

  // SPEC 8
  it("throws for an event above maxEventBytes, counted in bytes", () => {
    const hub = createHub({ maxEventBytes: 60 });
    expect(() => hub.publish("a", "x".repeat(30))).not.toThrow();
    expect(() => hub.publish("a", "ü".repeat(30))).toThrow(
      expect.objectContaining({ code: "payload-too-large", maxBytes: 60 }),
    );
  });

  // SPEC 11
  it("checks the schema, sends its input and gives its output to key", () => {
    const key = vi.fn((size: number) => String(size));
    const schema = v.pipe(
      v.string(),
      v.transform((text: string) => text.length),
    );
    const { hub, environment } = createTestHub({ channels: defineChannels({ sizes: { schema, key } }) });
    const stream = connect(hub);
    void hub.publish("sizes", "four");
    environment.endTick();
    expect(key).toHaveBeenCalledWith(4);
    expect(stream.received()).toMatchObject([{ event: "sizes", data: '"four"' }]);
    expect(() => hub.publish("sizes", 5)).toThrow(
      expect.objectContaining({ code: "invalid-data", issues: [expect.anything()] }),
    );
  });

  // SPEC 11
  it("refuses an asynchronous schema unless validation is off", () => {
    const channels = defineChannels({
      a: {
        schema: v.pipeAsync(
          v.string(),
          v.checkAsync(async () => false),
        ),
      },
    });
    expect(() => createHub({ channels }).publish("a", "x")).toThrow(expect.objectContaining({ code: "invalid-data" }));
    expect(() => createHub({ channels, validate: false }).publish("a", "x")).not.toThrow();
  });

  // SPEC 11
  it("refuses a key that is no string", () => {
    const channels = defineChannels({ a: { ...type<number>(), key: (() => 5) as unknown as () => string } });
    expect(() => createHub({ channels }).publish("a", 1)).toThrow(expect.objectContaining({ code: "invalid-data" }));
  });

  // SPEC 39
  it("delivers only what the log feeds back, and rejects when the log does", async () => {
    const { environment } = createTestHub();
    const position = { major: 1_700_000_000_000, minor: 3 };
    let reader: LogReader | undefined;
    const append = vi.fn(async () => position);
    const log = {
      epoch: "redis1",
      head: { major: 0, minor: 0 },
      open: (given: LogReader) => {
        reader = given;
      },
      append,
      close: async () => {},
    };
    const hub = createHub({ log, environment });
    const stream = connect(hub);
    const published = await hub.publish("a", 1);
    expect(published.id).toBe(`redis1.${(1_700_000_000_000).toString(36)}-3`);
    environment.endTick();
    expect(stream.received()).toEqual([]);
    reader?.ingest({ channel: "a", body: "event: a\ndata: 1\n\n", key: undefined, position });
    environment.endTick();
    expect(stream.received()).toMatchObject([{ id: published.id, data: "1" }]);
    append.mockRejectedValueOnce(new Error("down"));
    await expect(hub.publish("a", 2)).rejects.toThrow("down");
  });
});
