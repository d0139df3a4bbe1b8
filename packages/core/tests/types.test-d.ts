import * as v from "valibot";
import { expectTypeOf, test } from "vitest";
import {
  type ConnectionState,
  createSSEClient,
  defineChannels,
  dynamic,
  iterate,
  type Readable,
  reduce,
  type SSEMessage,
  selectView,
  snapshot,
  type,
} from "../src/index.ts";

const channels = defineChannels({
  quotes: {
    event: "quote",
    schema: v.object({ symbol: v.string(), price: v.pipe(v.string(), v.transform(Number)) }),
    key: (quote) => quote.symbol,
  },
  notes: type<{ text: string }>(),
  anything: {},
});
const client = createSSEClient({ url: "/x", channels });

test("a channel's data is what its schema gives", () => {
  expectTypeOf(client.channel("quotes").latest).toEqualTypeOf<
    Readable<SSEMessage<{ symbol: string; price: number }> | null>
  >();
  client.channel("notes").on(({ data }) => expectTypeOf(data).toEqualTypeOf<{ text: string }>());
  client.channel("anything").on(({ data }) => expectTypeOf(data).toBeUnknown());
  expectTypeOf(client.channel("quotes").state.get()).toEqualTypeOf<
    ReadonlyMap<string, { symbol: string; price: number }>
  >();
});

test("a selector gets the data and gives the view its type", () => {
  const view = selectView(client.channel("quotes").view, ({ price }) => price > 10);
  expectTypeOf(view.get().data).toEqualTypeOf<boolean | undefined>();
});

test("misuse does not compile", () => {
  // @ts-expect-error a misspelt channel
  client.channel("quote");
  // @ts-expect-error a wrong field
  client.channel("quotes").on(({ data }) => data.prize);
  // @ts-expect-error a key of something the data has not
  defineChannels({ a: { ...type<{ id: string }>(), key: (data) => data.name } });
  // @ts-expect-error no url
  createSSEClient({});
  // @ts-expect-error history of a channel there is not
  createSSEClient({ url: "/x", channels, retain: { quote: 5 } });
  // @ts-expect-error the state is read-only
  client.status.get().status = "open";
});

// SPEC 91
test("a pattern's names are typed, its own included", () => {
  const rooms = createSSEClient({
    url: "/x",
    channels: defineChannels({
      "chat/*": type<{ text: string }>(),
      "chat/lobby": type<number>(),
      "orders/**": type<{ total: number }>(),
      "user/*/mail": type<string>(),
    }),
  });
  const room = "7" as string;
  rooms.channel("chat/7").on(({ data }) => expectTypeOf(data).toEqualTypeOf<{ text: string }>());
  rooms.channel(`chat/${room}`).on(({ data }) => expectTypeOf(data).toEqualTypeOf<{ text: string }>());
  rooms.channel("chat/*").on(({ data }) => expectTypeOf(data).toEqualTypeOf<{ text: string }>());
  rooms.channel("chat/lobby").on(({ data }) => expectTypeOf(data).toEqualTypeOf<number>());
  rooms.channel("orders/1/lines").on(({ data }) => expectTypeOf(data).toEqualTypeOf<{ total: number }>());
  rooms.channel("user/7/mail").on(({ data }) => expectTypeOf(data).toEqualTypeOf<string>());
  // @ts-expect-error a misspelt room
  rooms.channel("chta/7");
  // @ts-expect-error no room
  rooms.channel("chat");
  // @ts-expect-error not all of a user
  rooms.channel("user/7/mails");
});

test("subscriptions, snapshots, loops and folds know the data", () => {
  createSSEClient({
    url: "/x",
    channels,
    subscription: dynamic(),
    snapshots: { notes: snapshot(async () => ({ data: [{ text: "a" }], id: "abc123.1" })) },
  });
  createSSEClient({
    url: "/x",
    channels,
    // @ts-expect-error data of another channel
    snapshots: { notes: snapshot(() => ({ data: [{ symbol: "A", price: 1 }] })) },
  });
  // @ts-expect-error the factory is called
  createSSEClient({ url: "/x", channels, subscription: "query" });
  expectTypeOf(iterate(client.channel("notes"))).toEqualTypeOf<AsyncIterableIterator<SSEMessage<{ text: string }>>>();
  expectTypeOf(reduce(client.channel("notes"), (list: string[], { data }) => [...list, data.text], [])).toEqualTypeOf<
    Readable<string[]>
  >();
  client.on("message", ({ channel }) => expectTypeOf(channel).toEqualTypeOf<string>());
  client.on("disconnected", ({ status }) => expectTypeOf(status).toEqualTypeOf<ConnectionState["status"]>());
  // @ts-expect-error no such event
  client.on("open", () => {});
  // @ts-expect-error no such way of giving way
  createSSEClient({ url: "/x", channels, retain: { notes: { limit: 1, overflow: "newest" } } });
});

test("without definitions any channel may be named, its data is unknown", () => {
  const plain = createSSEClient({ url: "/x" });
  plain.channel("whatever").on(({ data }) => expectTypeOf(data).toBeUnknown());
  expectTypeOf(plain.status).toExtend<Readable<ConnectionState>>();
});
