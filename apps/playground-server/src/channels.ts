import * as v from "valibot";

/** A price at which a symbol was just traded. */
export const Quote = v.object({
  symbol: v.string(),
  price: v.number(),
  /** Percent since the day's open. */
  change: v.number(),
  /** When it was traded (ms since 1970). */
  at: v.number(),
});
export type Quote = v.InferOutput<typeof Quote>;

/** How a service of the company is doing. */
export const Service = v.object({
  name: v.string(),
  state: v.picklist(["operational", "degraded", "down"]),
  note: v.string(),
  /** Since when (ms since 1970). */
  at: v.number(),
});
export type Service = v.InferOutput<typeof Service>;

/** The channels of the playground: the server and every front end pass these to their `defineChannels`. */
export const channels = {
  ticker: { event: "quote", schema: Quote, key: (quote: Quote) => quote.symbol },
  services: { event: "service", schema: Service, key: (service: Service) => service.name },
};

export const channelNames = Object.keys(channels) as (keyof typeof channels)[];
