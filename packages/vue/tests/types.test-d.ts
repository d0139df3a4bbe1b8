import { expectTypeOf, test } from "vitest";
import { type ComputedRef, computed, h, reactive, ref, shallowRef } from "vue";
import {
  type ConnectionStatus,
  createSSEClient,
  createSSEPlugin,
  defineChannels,
  provideSSEClient,
  type SSEClient,
  SSEProvider,
  type Stats,
  type,
  useChannel,
  useReadable,
  useSSE,
  useSSEClient,
} from "../src/index.ts";

interface Quote {
  symbol: string;
  price: number;
}
type AppChannels = { quotes: Quote; notes: string };
const channels = defineChannels({ quotes: type<Quote>(), notes: type<string>() });
const client = createSSEClient({ url: "/x", channels });

test("a channel's data and a selector's outcome are typed", () => {
  expectTypeOf(useChannel(client, "quotes").data).toEqualTypeOf<ComputedRef<Quote | undefined>>();
  const { data, message } = useChannel(client, "quotes", ({ price }) => price > 1);
  expectTypeOf(data.value).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(message.value?.data.symbol).toEqualTypeOf<string | undefined>();
});

test("client, name and selector may be refs and getters, and stay typed", () => {
  const name = ref<"quotes">("quotes");
  expectTypeOf(useChannel(shallowRef(client), name).data.value).toEqualTypeOf<Quote | undefined>();
  expectTypeOf(
    useChannel(
      () => client,
      () => "notes" as const,
    ).data.value,
  ).toEqualTypeOf<string | undefined>();
  expectTypeOf(useChannel(ref(client), "quotes").data.value).toEqualTypeOf<Quote | undefined>();
  const { client: held } = reactive({ client });
  expectTypeOf(useChannel(held, "quotes").data.value).toEqualTypeOf<Quote | undefined>();
  const selector = shallowRef((quote: Quote) => quote.price);
  expectTypeOf(useChannel(client, "quotes", selector).data.value).toEqualTypeOf<number | undefined>();
  const maybe = computed(() => (name.value ? (quote: Quote) => quote.symbol : undefined));
  expectTypeOf(useChannel(client, "quotes", maybe).data.value).toEqualTypeOf<string | undefined>();
});

test("a stream by URL is typed by its channels", () => {
  expectTypeOf(useSSE("/x", { channels }).data.value).toEqualTypeOf<Quote | string | undefined>();
  expectTypeOf(
    useSSE(
      () => "/x",
      () => ({ channels }),
    ).data.value,
  ).toEqualTypeOf<Quote | string | undefined>();
  expectTypeOf(useSSE(ref("/x")).data.value).toBeUnknown();
  expectTypeOf(useSSE(new URL("http://x")).status).toEqualTypeOf<ComputedRef<ConnectionStatus>>();
  expectTypeOf(useSSE(client).client.value).toEqualTypeOf<SSEClient<AppChannels>>();
  expectTypeOf(reactive(useSSE(client)).status).toEqualTypeOf<ConnectionStatus>();
});

test("a part of a client has the part's type", () => {
  expectTypeOf(useReadable(client.stats)).toEqualTypeOf<ComputedRef<Stats>>();
  expectTypeOf(useReadable(() => client.channel("quotes").state).value).toEqualTypeOf<ReadonlyMap<string, Quote>>();
});

test("a provided client is typed by the channels named", () => {
  expectTypeOf(useSSEClient<AppChannels>()).toEqualTypeOf<ComputedRef<SSEClient<AppChannels>>>();
  expectTypeOf(useChannel(useSSEClient<AppChannels>(), "notes").data.value).toEqualTypeOf<string | undefined>();
  h(SSEProvider, { client: createSSEClient({ url: "/x" }) });
  provideSSEClient(client);
  createSSEPlugin(() => client);
});

test("misuse does not compile", () => {
  // @ts-expect-error a misspelt channel
  useChannel(client, "quote");
  // @ts-expect-error a misspelt channel in a ref
  useChannel(client, ref("quote"));
  // @ts-expect-error a wrong field
  useChannel(client, "quotes").data.value?.prize;
  // @ts-expect-error a selector of another type
  useChannel(client, "quotes", (data: string) => data);
  // @ts-expect-error not an option
  useSSE("/x", { header: {} });
  // @ts-expect-error not an option of a getter's either
  useSSE("/x", (): { header: object } => ({ header: {} }));
  // @ts-expect-error a ref is not its value
  useSSE("/x").status === "open";
  // @ts-expect-error what is shown is not to be written
  useSSE("/x").data.value = 1;
  // @ts-expect-error not a part of a client
  useReadable(client);
  // @ts-expect-error a channel that has not been named
  useChannel(useSSEClient<AppChannels>(), "quote");
  // @ts-expect-error nothing to hand down
  createSSEPlugin();
  // @ts-expect-error a URL is not a client
  provideSSEClient("/x");
  // @ts-expect-error a provider needs a client
  h(SSEProvider, {});
});

test("a getter of two names is typed as these two, not as every channel", () => {
  const three = createSSEClient<{ a: 1; b: 2; c: 3 }>({ url: "/x" });
  const isFirst = ref(true);
  expectTypeOf(useChannel(three, () => (isFirst.value ? "a" : "b")).data.value).toEqualTypeOf<1 | 2 | undefined>();
});
