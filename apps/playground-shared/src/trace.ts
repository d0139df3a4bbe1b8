import type { SSEMessage } from "@x/sse-core";
import { channels } from "playground-server/channels";
import { client } from "./client.ts";

declare global {
  interface Window {
    /** Every message in the order of arrival, on pages opened with `?trace`. */
    __trace?: Pick<SSEMessage, "id" | "channel" | "data">[];
  }
}

/** On pages opened with `?trace` keeps all that arrives, for tests that compare it with what the server published. */
export function startTraceIfAsked(): void {
  if (!new URLSearchParams(location.search).has("trace")) return;
  const trace: NonNullable<Window["__trace"]> = [];
  window.__trace = trace;
  for (const name of Object.keys(channels) as (keyof typeof channels)[]) {
    client.channel(name).on(({ id, channel, data }) => void trace.push({ id, channel, data }));
  }
}
