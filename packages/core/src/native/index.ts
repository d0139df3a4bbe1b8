export type { NativeOptions } from "./native.ts";
export { native } from "./native.ts";
export { createNativeSSEClient } from "./native-sse-client.ts";
