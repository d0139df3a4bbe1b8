import { defineChannels, type } from "@x/sse-vue";

export type Channels = {
  quotes: { symbol: string; price: number };
};

export const channels = defineChannels({ quotes: type<Channels["quotes"]>() });
