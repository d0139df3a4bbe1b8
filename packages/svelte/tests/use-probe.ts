import type { SuiteUse, SuiteView } from "test-kit/adapter-harness";
import { type Current, type SSEClient, useChannel, useSSE } from "../src/index.js";

type Use<Hook> = Extract<SuiteUse, { hook: Hook }>;

/** What the probes use, as the suite asks for it. */
export function useProbe(use: () => SuiteUse): Current<SuiteView> {
  const first = use();
  const channel = use as () => Use<"channel">;
  const sse = use as () => Use<"sse">;
  const used =
    first.hook === "channel"
      ? useChannel(
          () => channel().client as SSEClient,
          () => channel().name,
          first.select as never,
        )
      : useSSE(
          () => sse().source as string | SSEClient,
          () => sse().options ?? {},
        );
  return used as unknown as Current<SuiteView>;
}
