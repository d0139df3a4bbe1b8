import type { Contender } from "./contender.ts";

/** Who takes part. Each is loaded on its own: a process knows only the one it measures. */
export const contenders = {
  bare: async () => (await import("./contenders/bare.ts")).createBare(),
  hub: async () => (await import("./contenders/hub.ts")).createHubContender(),
  "hub of users": async () => (await import("./contenders/hub.ts")).createHubOfUsers(),
  "better-sse": async () => (await import("./contenders/better-sse.ts")).createBetterSse(),
} satisfies Record<string, () => Promise<Contender>>;

export type ContenderName = keyof typeof contenders;
