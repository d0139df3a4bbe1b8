import type { ChannelDefinitions } from "../../src/define-channels.ts";
import { createHub, type Hub, type HubOptions, type StreamOptions } from "../../src/index.ts";
import { createFakeResponse, type FakeResponse, parseStream, streamRequest } from "./fake-response.ts";
import { createManualEnvironment } from "./manual-environment.ts";

/** A hub on a manual clock with a known epoch. */
export function createTestHub(options: HubOptions = {}, random?: () => number) {
  const environment = createManualEnvironment(random);
  const hub: Hub = createHub<ChannelDefinitions>({ epoch: "epoch0", environment, ...options });
  return { hub, environment };
}

/** A stream over a fake response. */
export interface FakeStream {
  readonly res: FakeResponse;
  /** Everything the client dispatched or noticed. */
  parse(): ReturnType<typeof parseStream>;
  /** Application events only. */
  received(): ReturnType<typeof parseStream>["events"];
  hello(): unknown;
  gaps(): unknown[];
}

export function connect(
  hub: Hub,
  query = "",
  lastEventId?: string,
  options?: StreamOptions,
  res = createFakeResponse(),
): FakeStream {
  hub.node(streamRequest(query, lastEventId), res, options);
  const parse = () => parseStream(res.text);
  const named = (name: string) => parse().events.filter(({ event }) => event === name);
  return {
    res,
    parse,
    received: () => parse().events.filter(({ event }) => !event?.startsWith("sse.")),
    hello: () => named("sse.hello")[0]?.json,
    gaps: () => named("sse.gap").map(({ json }) => json),
  };
}
