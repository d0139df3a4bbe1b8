import * as v from "valibot";
import { expectTypeOf, test } from "vitest";
import {
  type ConnectionState,
  createSSEClient,
  defineChannels,
  type Readable,
  type SSEMessage,
  selectView,
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

test("without definitions any channel may be named, its data is unknown", () => {
  const plain = createSSEClient({ url: "/x" });
  plain.channel("whatever").on(({ data }) => expectTypeOf(data).toBeUnknown());
  expectTypeOf(plain.status).toExtend<Readable<ConnectionState>>();
});
