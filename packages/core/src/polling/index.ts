export type { PollingOptions } from "./polling.ts";
export { polling } from "./polling.ts";
