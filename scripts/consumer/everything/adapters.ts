import { createSSEClient, defineChannels, type } from "@x/sse-core";
import * as svelte from "@x/sse-svelte";
import * as vue from "@x/sse-vue";

const channels = defineChannels({ quotes: type<{ symbol: string; price: number }>() });
const client = createSSEClient({ url: "/api/sse", channels });

export const symbols: (string | undefined)[] = [
  vue.useChannel(client, "quotes").data.value?.symbol,
  svelte.useChannel(client, "quotes").current.data?.symbol,
];

// @ts-expect-error a misspelt channel
vue.useChannel(client, "quote");
// @ts-expect-error a misspelt channel
svelte.useChannel(client, "quote");
// @ts-expect-error not an option
vue.useSSE("/api/sse", { lingersMs: 1 });
// @ts-expect-error not an option
svelte.useSSE("/api/sse", { lingersMs: 1 });
