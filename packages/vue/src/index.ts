export * from "@x/sse-core";
export { createSSEPlugin, provideSSEClient, useSSEClient } from "./provider.ts";
export { SSEProvider, type SSEProviderProps } from "./sse-provider.ts";
export type { ViewRefs } from "./to-view-refs.ts";
export { type UseChannel, useChannel } from "./use-channel.ts";
export { useReadable } from "./use-readable.ts";
export { type UseSSE, type UseSSEOptions, useSSE } from "./use-sse.ts";
