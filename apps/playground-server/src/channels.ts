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

/** How the server is doing, in real figures. Those of the hub are counted since it began. */
export const Figures = v.object({
  /** When they were taken (ms since 1970). */
  at: v.number(),
  /** For how long there has been this hub (ms). */
  uptimeMs: v.number(),
  /** Streams open now. */
  streams: v.number(),
  /** Guests with an open stream. */
  users: v.number(),
  /** Events published. */
  published: v.number(),
  /** Events written, one per event and stream. */
  delivered: v.number(),
  /** Bytes that the peers of open streams have not taken yet. */
  bufferedBytes: v.number(),
  /** Gaps that streams were told of. */
  gaps: v.number(),
  /** Bytes of the process's heap that are in use. */
  heapBytes: v.number(),
  /** Bytes of memory that the process occupies. */
  rssBytes: v.number(),
});
export type Figures = v.InferOutput<typeof Figures>;

/** Where a long task stands: a `ProgressEvent` of the hub. */
export const Job = v.object({
  /** Counted for each guest, from 1. */
  id: v.string(),
  status: v.picklist(["pending", "running", "completed", "failed"]),
  /** From 0 to 100. */
  percent: v.number(),
  message: v.string(),
  result: v.exactOptional(v.string()),
  error: v.exactOptional(v.object({ code: v.picklist(["failed", "cancelled"]), message: v.string() })),
});
export type Job = v.InferOutput<typeof Job>;

/** The channels of the playground: the server and every front end pass these to their `defineChannels`. */
export const channels = {
  ticker: { event: "quote", schema: Quote, key: (quote: Quote) => quote.symbol },
  services: { event: "service", schema: Service, key: (service: Service) => service.name },
  server: { event: "figures", schema: Figures, key: () => "figures" },
  jobs: { event: "job", schema: Job, key: (job: Job) => job.id },
};

export const channelNames = Object.keys(channels) as (keyof typeof channels)[];

/** Those that are made up, the same for everybody: what is published there is recorded. */
export const marketChannels = ["ticker", "services"] as const satisfies readonly (keyof typeof channels)[];
export type MarketChannel = (typeof marketChannels)[number];
