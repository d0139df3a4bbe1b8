import { describe, expect, test } from "vitest";
import { covers } from "../src/channels/pattern.ts";
import { defineChannels, type SSEMessage, type StandardSchema, type } from "../src/index.ts";
import { createTestClient, frame, hello } from "./support/test-client.ts";

interface Said {
  readonly id: string;
}

const Said: StandardSchema<Said> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof (value as Said).id === "string" ? { value: value as Said } : { issues: [{ message: "no id" }] },
  },
};
const channels = defineChannels({
  "chat/*": { schema: Said, key: ({ id }) => id },
  "chat/lobby": type<number>(),
  "orders/**": type<number>(),
});
const said = (id: string): Said => ({ id });

// SPEC 90
test.each([
  ["chat/*", "chat/1", true],
  ["chat/*", "chat/", true],
  ["chat/*", "chat", false],
  ["chat/*", "chat/1/2", false],
  ["chat/*", "other/1", false],
  ["chat/*", "chat/*", true],
  ["chat/*", "chat/**", false],
  ["chat/**", "chat/*", true],
  ["*/1", "chat/1", true],
  ["*/1", "chat/2", false],
  ["orders/**", "orders/1", true],
  ["orders/**", "orders/1/lines", true],
  ["orders/**", "orders", false],
  ["**", "anything", true],
  ["**", "any/thing", true],
  ["a/*/c", "a/b/c", true],
  ["a/*/**", "a/b", false],
  ["a", "a", true],
  ["constructor/*", "constructor/__proto__", true],
])("%s covers %s: %s", (pattern, name, expected) => {
  expect(covers(pattern, name)).toBe(expected);
});

// SPEC 2
describe("definitions", () => {
  test.each(["chat/a*", "*a", "**/a", "a/**/b", "chat/***", "a*b/c"])("%s is refused", (name) => {
    expect(() => defineChannels({ [name]: {} })).toThrow(expect.objectContaining({ code: "invalid-channel" }));
  });

  test("a pattern has no event name of its own", () => {
    expect(() => defineChannels({ "chat/*": { event: "chat" } })).toThrow("Take event away");
  });

  test.each(["chat/*", "*", "**", "a/**", "*/*", "constructor", "__proto__"])("%s is fine", (name) => {
    expect(Object.keys(defineChannels({ [name]: {} }))).toEqual([name]);
  });
});

// SPEC 91
describe("a message of a channel that a pattern covers", () => {
  test("goes to the pattern, and to the channel from when on somebody has asked for it", async () => {
    const { client, open, settle } = createTestClient({ channels });
    const { view } = client;
    const heard: unknown[] = [];
    const note = (where: string) => (message: SSEMessage) => heard.push([where, message.channel, message.data]);
    client.channel("chat/*").on(note("pattern"));
    const stream = await open();
    stream.push(frame("chat/7", said("a")));
    await settle();
    expect(client.channel("chat/7").history.get()).toEqual([]);
    client.channel("chat/7").on(note("channel"));
    stream.push(frame("chat/7", said("b")) + frame("chat/8", said("c")) + frame("orders/1/lines", 5));
    await settle();
    expect(heard).toEqual([
      ["pattern", "chat/7", said("a")],
      ["channel", "chat/7", said("b")],
      ["pattern", "chat/7", said("b")],
      ["pattern", "chat/8", said("c")],
    ]);
    expect(view.get().messages).toHaveLength(4);
    expect(client.stats.get()).toMatchObject({ messages: 4 });
    expect(client.channel("orders/**").latest.get()).toMatchObject({ channel: "orders/1/lines", data: 5 });
  });

  test("is not the pattern's where the channel is defined itself", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    (await open()).push(frame("chat/lobby", 7));
    await settle();
    expect(client.channel("chat/lobby").latest.get()?.data).toBe(7);
    expect(client.channel("chat/*").latest.get()).toBeNull();
    expect(client.stats.get().invalid).toBe(0);
  });

  test("is checked and keyed as the pattern says, and kept as many as it says", async () => {
    const { client, open, settle } = createTestClient({ channels, retain: { "chat/*": 2 } });
    client.channel("chat/7").on(() => {});
    const stream = await open();
    for (const id of ["a", "b", "a", "c"]) stream.push(frame("chat/7", said(id)));
    stream.push(frame("chat/7", { id: 5 }));
    await settle();
    const { state, history, view } = client.channel("chat/7");
    expect([...state.get().keys()]).toEqual(["a", "b", "c"]);
    expect(history.get().map(({ data }) => data.id)).toEqual(["a", "c"]);
    expect(view.get().error).toMatchObject({ code: "decode", channel: "chat/7" });
    expect(client.channel("chat/*").view.get().error).toMatchObject({ code: "decode", channel: "chat/7" });
  });

  test("is one message, whatever the server calls it", async () => {
    const { client, open, settle } = createTestClient({ channels });
    const heard: unknown[] = [];
    client.channel("orders/**").on(({ data }) => heard.push(data));
    (await open()).push(frame("orders/**", 1));
    await settle();
    expect(heard).toEqual([1]);
  });

  test("goes to the pattern where nothing is defined, too", async () => {
    const { client, open, settle } = createTestClient();
    const heard: unknown[] = [];
    client.channel("chat/*").on(({ channel, data }) => heard.push([channel, data]));
    client.channel("chat/8").on(({ data }) => heard.push(data));
    (await open()).push(frame("chat/7", 1) + frame("chat/8", 2) + frame("chat/8/9", 3));
    await settle();
    expect(heard).toEqual([["chat/7", 1], 2, ["chat/8", 2]]);
  });

  test("is unknown where no pattern covers it", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    (await open()).push(frame("chat", 1) + frame("chat/7/8", 1) + frame("orders", 1) + frame("message", 1));
    await settle();
    expect(client.stats.get()).toMatchObject({ unknown: 4, messages: 0 });
    for (const name of ["chat/7/8", "chat/a*", "**", "orders"])
      expect(() => client.channel(name as "chat/7")).toThrow(expect.objectContaining({ code: "unknown-channel" }));
  });
});

// SPEC 91
describe("a gap", () => {
  const gap = (...names: readonly string[]) =>
    frame("sse.gap", { channels: names, reason: "slow", from: null, to: "abc123.9" });

  test.each<[string, readonly string[]]>([
    ["chat/*", ["chat/*", "chat/7", "chat/8", "chat/lobby"]],
    ["chat/7", ["chat/*", "chat/7"]],
    ["**", ["chat/*", "chat/7", "chat/8", "chat/lobby", "orders/**"]],
    ["orders/1/lines", ["orders/**"]],
    ["chat/lobby", ["chat/*", "chat/lobby"]],
    ["elsewhere", []],
  ])("of %s reaches %j", async (told, reached) => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    const names = ["chat/*", "chat/7", "chat/8", "chat/lobby", "orders/**"] as const;
    for (const name of names) client.channel(name);
    (await open()).push(hello() + gap(told));
    await settle();
    expect(names.filter((name) => client.channel(name).gap.get() !== null)).toEqual(reached);
  });
});

// SPEC 92
describe("names", () => {
  test("of objects' own properties are names like others", async () => {
    const names = ["constructor", "__proto__", "toString", "hasOwnProperty"];
    const { client, open, settle } = createTestClient();
    const heard: unknown[] = [];
    for (const name of names) client.channel(name).on(({ channel, data }) => heard.push([channel, data]));
    (await open()).push(names.map((name) => frame(name, 1)).join(""));
    await settle();
    expect(heard).toEqual(names.map((name) => [name, 1]));
  });

  test("of objects' own properties are unknown where they are not defined", async () => {
    const { client, open, settle } = createTestClient({ channels });
    client.retain();
    expect(() => client.channel("constructor" as "chat/7")).toThrow("unknown");
    (await open()).push(frame("constructor", 1) + frame("__proto__", 1));
    await settle();
    expect(client.stats.get()).toMatchObject({ unknown: 2 });
  });

  test.each([
    ["described", channels],
    ["not described", undefined],
  ] as const)("a server makes up take no memory each, where channels are %s", async (_, described) => {
    const { client, open, settle } = createTestClient(described ? { channels: described } : {});
    const { view } = client;
    client.retain();
    const stream = await open();
    for (let chunk = 0; chunk < 50; chunk++)
      stream.push(Array.from({ length: 200 }, (_, index) => frame(`chat/${chunk}-${index}`, said("a"))).join(""));
    await settle();
    expect(client.stats.get().messages).toBe(10_000);
    expect(Object.keys(client.stats.get().channels).length).toBeLessThanOrEqual(3);
    expect(view.get().messages).toHaveLength(100);
  });
});
