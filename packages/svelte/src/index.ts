export * from "@x/sse-core";
export { setSSEClient, useSSEClient } from "./context.js";
export type { MaybeGetter } from "./maybe-getter.js";
export { default as SSEProvider } from "./sse-provider.svelte";
export { type UseChannel, useChannel } from "./use-channel.js";
export { type Current, useReadable } from "./use-readable.svelte.js";
export { type UseSSE, type UseSSEOptions, useSSE } from "./use-sse.svelte.js";
