import type { SSEMessage } from "@x/sse-core";
import { marketChannels } from "playground-server/channels";
import { client } from "./client.ts";

declare global {
  interface Window {
    /** Every message of the market in the order of arrival, on pages opened with `?trace`. */
    __trace?: Pick<SSEMessage, "id" | "channel" | "data">[];
  }
}

/** On pages opened with `?trace` keeps all that arrives of the market, for tests that compare it with what the server published. */
export function startTraceIfAsked(): void {
  if (!new URLSearchParams(location.search).has("trace")) return;
  const trace: NonNullable<Window["__trace"]> = [];
  window.__trace = trace;
  for (const name of marketChannels) {
    client.channel(name).on(({ id, channel, data }) => void trace.push({ id, channel, data }));
  }
}
