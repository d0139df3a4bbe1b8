export * from "@x/sse-core";
export type { SSEProviderProps } from "./provider.ts";
export { createSSEPlugin, provideSSEClient, SSEProvider, useSSEClient } from "./provider.ts";
export type { ViewRefs } from "./to-view-refs.ts";
export { type UseChannel, useChannel } from "./use-channel.ts";
export { useReadable } from "./use-readable.ts";
export { type UseSSE, type UseSSEOptions, useSSE } from "./use-sse.ts";
