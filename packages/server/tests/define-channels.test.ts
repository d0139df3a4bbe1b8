import { describe, expect, it } from "vitest";
import { type ChannelDefinitions, checkDefinitions, defineChannels, type } from "../src/define-channels.ts";

describe("defineChannels", () => {
  // SPEC 9
  it("returns the definitions unchanged and frozen", () => {
    const key = (order: { id: string }) => order.id;
    const channels = defineChannels({ orders: { event: "order", ...type<{ id: string }>(), key }, "chat/*": {} });
    expect(channels).toEqual({ orders: { event: "order", key }, "chat/*": {} });
    expect(Object.isFrozen(channels)).toBe(true);
  });

  // SPEC 9
  it.each<[string, ChannelDefinitions, string]>([
    ["two definitions with one event name", { a: { event: "x" }, b: { event: "x" } }, "invalid-definition"],
    ["an event name that is another channel", { a: { event: "b" }, b: {} }, "invalid-definition"],
    ["an event name that falls under a pattern", { a: { event: "chat/1" }, "chat/*": {} }, "invalid-definition"],
    ["a pattern with an event name", { "chat/*": { event: "chat" } }, "invalid-definition"],
    ["an unknown field", { a: { evnt: "x" } as object }, "invalid-definition"],
    ["a schema that is none", { a: { schema: {} } }, "invalid-definition"],
    ["a key that is no function", { a: { key: "id" } as object }, "invalid-definition"],
    ["a definition that is no object", { a: null } as unknown as ChannelDefinitions, "invalid-definition"],
    ["a name beginning with sse.", { "sse.x": {} }, "reserved-event"],
    ["a name beginning with @", { "@user/1": {} }, "reserved-event"],
    ["an event beginning with sse.", { a: { event: "sse.gap" } }, "reserved-event"],
    ["an empty name", { "": {} }, "invalid-channel"],
    ["an empty event", { a: { event: "" } }, "invalid-channel"],
    ["a comma", { "a,b": {} }, "invalid-channel"],
    ["a line break", { "a\nb": {} }, "invalid-channel"],
    ["NUL", { "a\0b": {} }, "invalid-channel"],
    ["a line break in an event", { a: { event: "x\ry" } }, "invalid-channel"],
    ["a star inside a segment", { "chat*": {} }, "invalid-channel"],
    ["two stars before the end", { "a/**/b": {} }, "invalid-channel"],
  ])("refuses %s", (_, definitions, code) => {
    expect(() => checkDefinitions(definitions)).toThrow(expect.objectContaining({ code }));
  });
});
