import { defineChannels, type } from "@x/sse-svelte";

export type Channels = {
  quotes: { symbol: string; price: number };
};

export const channels = defineChannels({ quotes: type<Channels["quotes"]>() });
