import { expectTypeOf, test } from "vitest";
import { createSSEClient, defineChannels, SSEProvider, type, useChannel, useSSE, useSSEClient } from "../src/index.ts";

const channels = defineChannels({ quotes: type<{ symbol: string; price: number }>(), notes: type<string>() });
const client = createSSEClient({ url: "/x", channels });

test("a channel's data and a selector's outcome are typed", () => {
  expectTypeOf(useChannel(client, "quotes").data).toEqualTypeOf<{ symbol: string; price: number } | undefined>();
  const { data, message } = useChannel(client, "quotes", ({ price }) => price > 1);
  expectTypeOf(data).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(message?.data.symbol).toEqualTypeOf<string | undefined>();
});

test("a stream by URL is typed by its channels", () => {
  expectTypeOf(useSSE("/x", { channels }).data).toEqualTypeOf<{ symbol: string; price: number } | string | undefined>();
  expectTypeOf(useSSE("/x").data).toBeUnknown();
  expectTypeOf(useSSE(client).client.channel("notes").latest.get()?.data).toEqualTypeOf<string | undefined>();
});

test("misuse does not compile", () => {
  // @ts-expect-error a misspelt channel
  useChannel(client, "quote");
  // @ts-expect-error a wrong field
  useChannel(client, "quotes").data?.prize;
  // @ts-expect-error a selector of another type
  useChannel(client, "quotes", (data: string) => data);
  // @ts-expect-error not an option
  useSSE("/x", { header: {} });
  // @ts-expect-error a provider needs a client
  <SSEProvider />;
});

test("a provided client is typed by the channels named", () => {
  expectTypeOf(useSSEClient<{ notes: string }>().channel("notes").latest.get()?.data).toEqualTypeOf<
    string | undefined
  >();
});
