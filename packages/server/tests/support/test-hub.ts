import type { ChannelDefinitions } from "../../src/define-channels.ts";
import { createHub, type Hub, type HubOptions, type StreamOptions } from "../../src/index.ts";
import {
  changeRequest,
  createFakeResponse,
  type FakeResponse,
  parseStream,
  pollRequest,
  streamRequest,
} from "./fake-response.ts";
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
  /** Name of the connection. */
  conn(): string;
  /** Everything after `sse.hello`, in short: markers and gaps with their data, events with id and data. */
  script(): unknown[][];
}

/** An answer as its client reads it. */
export interface JsonReply {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

/** Asks for a change of channels over a fake response. */
export function change(hub: Hub, body: unknown, options?: StreamOptions): JsonReply {
  const res = createFakeResponse();
  hub.node(changeRequest(body), res, options);
  return { status: res.statusCode, json: JSON.parse(res.answer) };
}

/** A poll over a fake response. */
export function poll(hub: Hub, query = "", lastEventId?: string, options?: StreamOptions) {
  const res = createFakeResponse();
  hub.node(pollRequest(query, lastEventId), res, options);
  return { res, json: () => (res.ended ? (JSON.parse(res.answer) as Record<string, unknown>) : undefined) };
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
    conn: () => (named("sse.hello")[0]!.json as { conn: string }).conn,
    script: () =>
      parse()
        .events.slice(1)
        .map(({ event, id, json }) => [event, ...(event?.startsWith("sse.") ? [] : [id]), json]),
    hello: () => named("sse.hello")[0]?.json,
    gaps: () => named("sse.gap").map(({ json }) => json),
  };
}

/** Lets promises that are settled have their effect. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
