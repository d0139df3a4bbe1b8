import { describe, expectTypeOf, it } from "vitest";
import { createHub, defineChannels, type Hub, type Published, type } from "../src/index.ts";

const hub = createHub({
  channels: defineChannels({ orders: type<{ id: string }>(), "typing/*": type<{ user: string }>() }),
});

describe("publish", () => {
  // SPEC 88
  it("has no id for ephemeral events", () => {
    expectTypeOf(hub.publish("orders", { id: "1" })).resolves.toEqualTypeOf<Published>();
    expectTypeOf(hub.publish("orders", { id: "1" }, { ephemeral: false })).resolves.toEqualTypeOf<Published>();
    expectTypeOf(hub.publish("typing/1", { user: "ann" }, { ephemeral: true })).resolves.toEqualTypeOf<
      Published<undefined>
    >();
    expectTypeOf(hub.publish("orders", "text", { raw: true, ephemeral: true })).resolves.toEqualTypeOf<
      Published<undefined>
    >();
    // @ts-expect-error the data is of another channel
    void hub.publish("orders", { user: "ann" }, { ephemeral: true });
    // @ts-expect-error raw takes a string
    void hub.publish("orders", { id: "1" }, { raw: true, ephemeral: true });
  });

  // SPEC 90
  it("is typed by channel to one connection, too", () => {
    const publisher = hub.toConnection("conn");
    expectTypeOf(publisher.publish("typing/1", { user: "ann" })).resolves.toEqualTypeOf<boolean>();
    expectTypeOf(publisher.publish("orders", "text", { raw: true })).resolves.toEqualTypeOf<boolean>();
    // @ts-expect-error the data is of another channel
    void publisher.publish("orders", { user: "ann" });
    // @ts-expect-error nobody defined it
    void publisher.publish("unknown", {});
  });

  // SPEC 91
  it("is typed by channel to users and to everybody, too", () => {
    expectTypeOf(hub.toUser("ann").publish("orders", { id: "1" })).resolves.toEqualTypeOf<Published>();
    expectTypeOf(hub.broadcast("orders", { id: "1" })).resolves.toEqualTypeOf<Published>();
    expectTypeOf(hub.broadcast("orders", { id: "1" }, { ephemeral: true })).resolves.toEqualTypeOf<
      Published<undefined>
    >();
    // @ts-expect-error the data is of another channel
    void hub.toUser("ann").publish("orders", { user: "ann" });
    // @ts-expect-error nobody defined it
    void hub.broadcast("unknown", {});
  });
});

describe("a hub of any channels", () => {
  const mount = (_: Hub) => {};
  const numbers = createHub({ channels: defineChannels({ numbers: type<number>() }) });

  // SPEC 10
  it("is what a helper can take that does not know the channels", () => {
    mount(hub);
    mount(numbers);
    mount(createHub());
    const any: Hub = hub;
    expectTypeOf(any.publish("whatever", 1)).resolves.toEqualTypeOf<Published>();
    expectTypeOf(any.toUser("ann").publish("whatever", 1, { ephemeral: true })).resolves.toEqualTypeOf<
      Published<undefined>
    >();
    // @ts-expect-error raw takes a string
    void any.publish("whatever", 1, { raw: true });
    // @ts-expect-error a channel is a string
    void any.broadcast(1, 1);
    // @ts-expect-error latest is true or false
    void any.publish("whatever", 1, { latest: "yes" });
  });

  // SPEC 10
  it("does not make hubs of different channels alike", () => {
    // @ts-expect-error other channels
    const other: typeof hub = numbers;
    void other;
  });
});
