export * from "@x/sse-core";
export { SSEProvider, type SSEProviderProps, useSSEClient } from "./provider.ts";
export { type UseChannel, useChannel } from "./use-channel.ts";
export { useReadable } from "./use-readable.ts";
export { type UseSSE, type UseSSEOptions, useSSE } from "./use-sse.ts";
