import type { Contender } from "./contender.ts";

/** Who takes part, in the order of the table. Each is loaded on its own: a process knows only the one it measures. */
export const contenders = {
  baseline: async () => (await import("./contenders/baseline.ts")).baseline,
  "sse-core": async () => (await import("./contenders/sse-core.ts")).sseCore,
  eventsource: async () => (await import("./contenders/eventsource.ts")).eventsource,
  "fetch-event-source": async () => (await import("./contenders/fetch-event-source.ts")).fetchEventSource,
} satisfies Record<string, () => Promise<Contender>>;

export type ContenderName = keyof typeof contenders;

export const contenderNames = Object.keys(contenders) as ContenderName[];
