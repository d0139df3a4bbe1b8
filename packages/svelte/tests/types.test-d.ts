import { get } from "svelte/store";
import { expectTypeOf, test } from "vitest";
import {
  createSSEClient,
  defineChannels,
  setSSEClient,
  type,
  useChannel,
  useReadable,
  useSSE,
  useSSEClient,
} from "../src/index.js";

const channels = defineChannels({ quotes: type<{ symbol: string; price: number }>(), notes: type<string>() });
const client = createSSEClient({ url: "/x", channels });

test("a channel's data and a selector's outcome are typed", () => {
  expectTypeOf(useChannel(client, "quotes").current.data).toEqualTypeOf<
    { symbol: string; price: number } | undefined
  >();
  const { data, message } = useChannel(client, "quotes", ({ price }) => price > 1).current;
  expectTypeOf(data).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(message?.data.symbol).toEqualTypeOf<string | undefined>();
});

test("getters are typed as what they give", () => {
  expectTypeOf(
    useChannel(
      () => client,
      () => "notes",
    ).current.data,
  ).toEqualTypeOf<string | undefined>();
  expectTypeOf(
    useSSE(
      () => "/x",
      () => ({ channels }),
    ).client,
  ).toEqualTypeOf(client);
});

test("as a store it has the same types", () => {
  expectTypeOf(get(useChannel(client, "notes")).data).toEqualTypeOf<string | undefined>();
  expectTypeOf(get(useReadable(client.status)).attempt).toEqualTypeOf<number>();
});

test("a stream by URL is typed by its channels", () => {
  expectTypeOf(useSSE("/x", { channels }).current.data).toEqualTypeOf<
    { symbol: string; price: number } | string | undefined
  >();
  expectTypeOf(useSSE("/x").current.data).toBeUnknown();
  expectTypeOf(useSSE(client).client.channel("notes").latest.get()?.data).toEqualTypeOf<string | undefined>();
});

test("a provided client is typed by the channels named", () => {
  expectTypeOf(useChannel(useSSEClient<{ notes: string }>(), "notes").current.data).toEqualTypeOf<string | undefined>();
  setSSEClient(client);
  setSSEClient(() => client);
});

test("misuse does not compile", () => {
  // @ts-expect-error a misspelt channel
  useChannel(client, "quote");
  // @ts-expect-error a misspelt channel from a getter
  useChannel(client, () => "quote");
  // @ts-expect-error a wrong field
  useChannel(client, "quotes").current.data?.prize;
  // @ts-expect-error a field that is one of `current`
  useChannel(client, "quotes").data;
  // @ts-expect-error a selector of another type
  useChannel(client, "quotes", (data: string) => data);
  // @ts-expect-error not an option
  useSSE("/x", { header: {} });
  // @ts-expect-error it is read, not written
  useSSE("/x").current = null;
  // @ts-expect-error not a client
  setSSEClient("/x");
});

test("a getter of two names is typed as these two, not as every channel", () => {
  const three = createSSEClient<{ a: 1; b: 2; c: 3 }>({ url: "/x" });
  const isFirst = Boolean(three);
  expectTypeOf(useChannel(three, () => (isFirst ? "a" : "b")).current.data).toEqualTypeOf<1 | 2 | undefined>();
});
