import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import * as v from "valibot";
import { describe, expectTypeOf, it } from "vitest";
import { type ChannelInput, type ChannelName, createHub, defineChannels, type } from "../src/index.ts";

const channels = defineChannels({
  orders: { event: "order", schema: v.object({ id: v.string() }), key: (order) => order.id },
  sizes: {
    schema: v.pipe(
      v.string(),
      v.transform((text: string) => text.length),
    ),
    key: (size) => size.toFixed(),
  },
  price: type<{ value: number }>(),
  quote: { ...type<{ symbol: string }>(), key: (quote) => quote.symbol },
  "chat/*": { schema: v.object({ text: v.string() }) },
  "chat/lobby": type<"special">(),
  "logs/**": {},
});
type Channels = typeof channels;
const hub = createHub({ channels });

// SPEC 10
describe("channel types", () => {
  it("take the input of the schema", () => {
    expectTypeOf<ChannelInput<Channels, "orders">>().toEqualTypeOf<{ id: string }>();
    expectTypeOf<ChannelInput<Channels, "sizes">>().toEqualTypeOf<string>();
    expectTypeOf<ChannelInput<Channels, "price">>().toEqualTypeOf<{ value: number }>();
    expectTypeOf<ChannelInput<Channels, "quote">>().toEqualTypeOf<{ symbol: string }>();
  });

  it("find concrete names under patterns, exact names first", () => {
    expectTypeOf<ChannelInput<Channels, "chat/7">>().toEqualTypeOf<{ text: string }>();
    expectTypeOf<ChannelInput<Channels, "chat/lobby">>().toEqualTypeOf<"special">();
    expectTypeOf<ChannelInput<Channels, "logs/a/b">>().toBeUnknown();
    expectTypeOf<"chat/7">().toExtend<ChannelName<Channels>>();
    expectTypeOf<"logs/a/b">().toExtend<ChannelName<Channels>>();
    expectTypeOf<"nope">().not.toExtend<ChannelName<Channels>>();
  });

  it("type publish", () => {
    const room = "7" as string;
    hub.publish("orders", { id: "1" });
    hub.publish(`chat/${room}`, { text: "hi" });
    hub.publish("price", "42", { raw: true });
    // @ts-expect-error wrong data
    hub.publish("orders", { id: 1 });
    // @ts-expect-error wrong data under a pattern
    hub.publish("chat/7", { txt: "hi" });
    // @ts-expect-error a channel nobody defined
    hub.publish("order", { id: "1" });
    // @ts-expect-error raw takes a string
    hub.publish("price", { value: 1 }, { raw: true });
    expectTypeOf(hub.publish("orders", { id: "1" })).resolves.toEqualTypeOf<{ readonly id: string }>();
  });

  it("leave an undefined hub open", () => {
    createHub().publish("anything", { at: "all" });
  });

  it("refuse wrong definitions", () => {
    // @ts-expect-error not a schema
    defineChannels({ a: { schema: 5 } });
    // @ts-expect-error unknown field
    defineChannels({ a: { evnt: "a" } });
    // @ts-expect-error key sees the output of the schema
    defineChannels({ a: { schema: v.object({ id: v.string() }), key: (a) => a.nope } });
  });

  it("accept the requests and responses of node", () => {
    createServer((req, res) => hub.node(req, res));
    createHttp2Server((req, res) => hub.node(req, res));
  });
});
