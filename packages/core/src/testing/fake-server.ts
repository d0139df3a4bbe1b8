import type { ChannelMap, ChannelName, Channels } from "../channels/define-channels.ts";
import type { GapReason } from "../connection/status.ts";
import { common, isCovered } from "./channel-pattern.ts";
import { createFakeEnvironment, type FakeEnvironment, type FakeEnvironmentOptions } from "./fake-environment.ts";
import { toText } from "./fake-event.ts";
import type { FakeExchange, FakeRequest } from "./fake-exchange.ts";
import { queryOf } from "./fake-fetch.ts";
import { type FakeLink, openLink } from "./fake-link.ts";
import { createFakeLog, type FakeLogEntry, formatReplay } from "./fake-log.ts";
import { formatControl, formatFrame } from "./frame.ts";

/** Options of {@link createFakeServer}. */
export interface FakeServerOptions<T extends ChannelMap = ChannelMap> extends FakeEnvironmentOptions {
  /** The application's channels. @default none: any channel may be published to */
  readonly channels?: Channels<T> | undefined;
  /** Events kept per channel for replay. @default 100 */
  readonly history?: number | undefined;
  /** Newest events per channel that a first connection begins with. @default 0 */
  readonly initial?: number | undefined;
  /** `null` for no heartbeats. @default 15000 */
  readonly heartbeatMs?: number | null | undefined;
  /** The reconnection time every stream begins with. @default 2000 */
  readonly retryMs?: number | undefined;
  /** Six characters of 0-9 and a-z. @default "fake01" */
  readonly epoch?: string | undefined;
  /**
   * Asked for every request: the status to answer with, where 200 lets it in, or the channels and patterns it may have.
   * @default lets all in
   */
  readonly authorize?: ((request: FakeRequest) => Access | Promise<Access>) | undefined;
}

type Access = number | readonly string[];

/** A server that speaks PROTOCOL.md, without a network. */
export interface FakeServer<T extends ChannelMap = ChannelMap> extends FakeEnvironment {
  /** Of its log; another one after `restart()`. */
  readonly epoch: string;
  /** Everything that was published, restarts and what the history no longer holds included. */
  readonly log: readonly FakeLogEntry[];
  /** Sends an event to every stream that carries the channel, and keeps it for replay. Throws for an unknown channel. */
  publish<Name extends ChannelName<T>>(channel: Name, data: T[Name]): Promise<void>;
  /** Tells every stream of a loss, as of one that was too slow. */
  gap(channels: readonly string[], reason: GapReason): Promise<void>;
  /** Every connection is lost. */
  drop(): Promise<void>;
  /** Nothing arrives any more on the open streams, and no error tells. */
  stall(): void;
  /** Loses the newest connection, or else the next, after exactly so many more bytes of its body. */
  cutAfter(bytes: number): Promise<void>;
  /**
   * Says goodbye to every stream and ends it.
   * @param reason - @default "shutdown"
   * @param retryMs - when clients may come back, in ms. @default 1000
   */
  bye(reason?: string, retryMs?: number): Promise<void>;
  /** The server dies and comes back with an empty history: a new epoch. */
  restart(): Promise<void>;
}

/** The body of a request. Source: PROTOCOL.md, Changing channels of an open stream. */
interface Change {
  readonly conn: string;
  readonly subscribe?: readonly string[];
  readonly unsubscribe?: readonly string[];
  readonly since?: Readonly<Record<string, string>>;
}

const JSON_TYPE = "application/json";
const NAME = /^(?!sse\.|@)[^\r\n\0,*]+$/;

/**
 * Makes a server that answers a client as a real one does: replay, gaps, heartbeats, polling, changes of channels.
 *
 * @example
 * const server = createFakeServer();
 * const client = createSSEClient({ url: "/events", environment: server.environment });
 * client.channel("orders").on(({ data }) => console.log(data));
 * await server.settle();
 * await server.drop();
 * await server.publish("orders", 1);
 * await server.advance(5_000); // the client comes back and logs 1
 */
export function createFakeServer<T extends ChannelMap = ChannelMap>(options: FakeServerOptions<T> = {}): FakeServer<T> {
  const { channels: definitions, history = 100, initial = 0, heartbeatMs = 15_000, retryMs = 2_000 } = options;
  const { epoch = "fake01", authorize = () => 200 } = options;
  const everything = definitions ? Object.keys(definitions) : ["**"];
  const published: FakeLogEntry[] = [];
  const links = new Set<FakeLink>();
  let log = createFakeLog(epoch, history, initial);
  let connections = 0;
  let nextCut: number | null = null;

  const fake = createFakeEnvironment((exchange) => void answer(exchange), options);
  const { environment, settle } = fake;

  const answer = async (exchange: FakeExchange) => {
    const { method, headers } = exchange.request;
    const access = await authorize(exchange.request);
    if (typeof access === "number" && access !== 200) return exchange.reply(access, "text/plain", "");
    if (exchange.phase === "over") return;
    const allowed = typeof access === "number" ? everything : access;
    const accept = headers.get("accept") ?? "";
    const wantsJson = accept.includes("application/json") && !accept.includes("text/event-stream");
    if (method === "GET") return wantsJson ? poll(exchange, allowed) : attach(exchange, allowed);
    if (method === "POST" && wantsJson) return change(exchange, allowed);
    if (method === "POST" && accept.includes("text/event-stream")) return attach(exchange, allowed);
    exchange.reply(405, "text/plain", "");
  };

  const attach = (exchange: FakeExchange, allowed: readonly string[]) => {
    const channels = requested(exchange, allowed);
    const { resume, gaps, entries } = log.continueFrom(exchange.request.lastEventId, channels);
    const link = openLink(exchange, `c${++connections}`, channels, heartbeatMs, environment.setTimer, () => log.head);
    links.add(link);
    exchange.onOver(() => links.delete(link));
    if (nextCut !== null) exchange.cutAfter(nextCut);
    nextCut = null;
    const { conn } = link;
    const hello = { conn, epoch: log.epoch, pos: log.pos, heartbeatMs, channels, resume, replayed: entries.length };
    link.write(formatFrame({ retry: retryMs }) + formatControl("sse.hello", hello));
    link.write(formatReplay(gaps, entries) + formatFrame({ id: log.head }));
  };

  const poll = (exchange: FakeExchange, allowed: readonly string[]) => {
    const { gaps, entries } = log.continueFrom(exchange.request.lastEventId, requested(exchange, allowed));
    const events = entries.map(({ id, event, data }) => ({ id, event, data: toText({ data }) }));
    exchange.reply(200, JSON_TYPE, JSON.stringify({ events, id: log.head, gaps, retryMs }));
  };

  const change = async (exchange: FakeExchange, allowed: readonly string[]) => {
    const body: Change = await new Response(exchange.request.body).json();
    const { conn, subscribe = [], unsubscribe = [], since = {} } = body;
    const link = [...links].find((other) => other.conn === conn);
    if (!link) return exchange.reply(409, JSON_TYPE, '{"error":"unknown-conn"}');
    link.channels = link.channels.filter((name) => !unsubscribe.includes(name));
    const rejected = subscribe.filter((name) => common(allowed, [name]).length === 0);
    for (const name of subscribe)
      if (!rejected.includes(name))
        add(link, name, common(allowed, [name]), Object.hasOwn(since, name) ? since[name]! : "");
    exchange.reply(200, JSON_TYPE, JSON.stringify({ channels: link.channels, rejected }));
  };

  /** What is replayed lies before the stream's position, so it goes without ids and ends with a marker. */
  const add = (link: FakeLink, name: string, channels: readonly string[], since: string) => {
    const added = channels.filter((other) => !link.channels.includes(other));
    const { gaps, entries } = log.continueFrom(since, added);
    const missed = entries.filter(({ channel }) => since && !isCovered(channel, link.channels));
    link.channels = [...new Set([...link.channels, ...channels])].sort();
    link.write(formatReplay(added.length > 0 ? gaps : [], missed, { withIds: false }));
    link.write(formatControl("sse.subscribed", { channel: name, pos: log.pos }));
  };

  const openLinks = (control: string): readonly FakeLink[] => {
    if (links.size > 0) return [...links];
    throw new Error(
      `${control} found no open stream. Let the client connect: \`await server.settle()\` or \`advance(ms)\`.`,
    );
  };
  const each = (control: string, act: (link: FakeLink) => void) => {
    openLinks(control).forEach(act);
    return settle();
  };

  return {
    ...fake,
    log: published,
    get epoch() {
      return log.epoch;
    },
    publish(channel, data) {
      const known = definitions?.[channel];
      if (definitions && !known) throw new Error(`Channel "${channel}" is unknown. Publish to one of ${everything}.`);
      if (!NAME.test(channel)) throw new Error(`"${channel}" cannot be a channel's name, see PROTOCOL.md, section 4.`);
      const entry = log.append(channel, known?.event ?? channel, data);
      published.push(entry);
      for (const link of [...links]) if (isCovered(channel, link.channels)) link.write(formatReplay([], [entry]));
      return settle();
    },
    gap: (channels, reason) =>
      each("gap()", ({ write }) => write(formatControl("sse.gap", { channels, reason, from: null, to: log.head }))),
    drop: () => each("drop()", ({ exchange }) => exchange.drop()),
    stall() {
      for (const { exchange } of openLinks("stall()")) exchange.stall();
    },
    cutAfter(bytes) {
      const newest = [...links].at(-1);
      if (newest) newest.exchange.cutAfter(bytes);
      else nextCut = bytes;
      return settle();
    },
    bye: (reason = "shutdown", retryMs = 1_000) =>
      each("bye()", ({ write, exchange }) => {
        write(formatFrame({ retry: retryMs }) + formatControl("sse.bye", { reason, retryMs }));
        exchange.end();
      }),
    restart() {
      const next = (Number.parseInt(log.epoch, 36) + 1).toString(36).padStart(6, "0");
      log = createFakeLog(next, history, initial);
      for (const { exchange } of [...links]) exchange.drop();
      return settle();
    },
  };
}

/** What a request asks for of what it may have. */
function requested({ request }: FakeExchange, allowed: readonly string[]): readonly string[] {
  const query = queryOf(request.url);
  const names = query.getAll("channels").flatMap((list) => list.split(",").filter((name) => name !== ""));
  return query.has("channels") ? common(allowed, names) : [...allowed].sort();
}
