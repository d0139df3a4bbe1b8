import { createAcceptor } from "./acceptor.ts";
import { createChannelRegistry } from "./channel-registry.ts";
import type { ConnectionContext } from "./connection.ts";
import { createConnectionPool } from "./connection-pool.ts";
import { createCounters } from "./counters.ts";
import type { ChannelDefinitions, ChannelInput, ChannelName } from "./define-channels.ts";
import { createDelivery } from "./delivery.ts";
import { HubClosedError } from "./errors.ts";
import { formatEventId } from "./event-id.ts";
import { createFetchHandler } from "./fetch-handler.ts";
import { createGroups } from "./group.ts";
import { createHistory } from "./history.ts";
import { createMemoryLog, randomEpoch } from "./memory-log.ts";
import { createNodeHandler } from "./node-handler.ts";
import type { NodeRequest, NodeResponse } from "./node-sink.ts";
import { type HubOptions, resolveOptions } from "./options.ts";
import { createPerChannel } from "./per-channel.ts";
import { createPublication, type PublishOptions } from "./publication.ts";
import { type CloseOptions, type CloseResult, resolveCloseOptions, shutDown } from "./shutdown.ts";
import { type HubStats, snapshotStats } from "./stats.ts";
import type { OpenStream, StreamOptions } from "./stream-options.ts";

/** A published event. */
export interface Published {
  /** Its id, `<epoch>.<pos>`. */
  readonly id: string;
}

/** Publishes events and streams them to any number of clients. Every method is bound. */
export interface Hub<Definitions extends ChannelDefinitions = ChannelDefinitions> {
  /** Names this run of the log; the first part of every id. */
  readonly epoch: string;
  /** Id of the newest event: what a snapshot taken now includes. `<epoch>.0` before the first. */
  readonly head: string;
  /** Streams open now. */
  readonly connectionCount: number;
  /**
   * Publishes an event. With the in-memory log it is recorded before this returns. Rejects when the log fails or the
   * hub is closed.
   *
   * @throws {UnknownChannelError | ChannelNameError | ReservedEventError | InvalidDataError | PayloadTooLargeError} at
   * once, when the event cannot be published.
   *
   * @example
   * await hub.publish("orders", { id: "17", state: "paid" });
   */
  publish<Name extends ChannelName<Definitions>>(
    channel: Name,
    data: ChannelInput<Definitions, Name>,
    options?: PublishOptions & { readonly raw?: false },
  ): Promise<Published>;
  /** Publishes a string as it is. */
  publish(
    channel: ChannelName<Definitions>,
    data: string,
    options: PublishOptions & { readonly raw: true },
  ): Promise<Published>;
  /**
   * Answers a request of `node:http`, `node:http2`, Express or anything alike. Writes the response itself.
   *
   * @throws {OptionError | UnknownChannelError} when `options` are wrong; nothing has been written then.
   */
  node(req: NodeRequest, res: NodeResponse, options?: StreamOptions): void;
  /**
   * Answers a Fetch request. Rejects with what `node` throws.
   *
   * @example
   * export const GET = (request: Request) => hub.fetch(request);
   */
  fetch(request: Request, options?: StreamOptions): Promise<Response>;
  /** Totals and sizes as plain JSON. */
  stats(): HubStats;
  /** Ends all streams, evenly spread, and turns new ones away. Further calls return the first one's promise. */
  close(options?: CloseOptions): Promise<CloseResult>;
}

/**
 * Creates a hub.
 *
 * @throws {OptionError} when an option is unknown or unusable.
 * @throws {ChannelDefinitionError | ChannelNameError | ReservedEventError} when the definitions are wrong.
 *
 * @example
 * const hub = createHub({ channels });
 * createServer((req, res) => hub.node(req, res)).listen(3000);
 */
export function createHub<Definitions extends ChannelDefinitions = ChannelDefinitions>(
  options: HubOptions<Definitions> = {},
): Hub<Definitions> {
  const resolved = resolveOptions(options);
  const { environment, heartbeatMs, slow } = resolved;
  const { now, random } = environment;
  const registry = createChannelRegistry(resolved.channels);
  const encoder = new TextEncoder();
  const encode = (text: string) => encoder.encode(text);
  const log = resolved.log ?? createMemoryLog(resolved.epoch ?? randomEpoch(random));
  const { epoch } = log;
  const counters = createCounters();
  const limitsFor = createPerChannel(resolved.historyByChannel, resolved.history);
  const history = createHistory({ limitsFor, totalBytes: resolved.historyBytes, now });
  const groups = createGroups(history);
  const delivery = createDelivery({ epoch, head: log.head, history, groups, environment, encode });
  const publication = createPublication({ ...resolved, registry, encode });
  const context: ConnectionContext = {
    epoch,
    counters,
    heartbeatMs,
    slow,
    head: () => delivery.head,
    now,
    random,
    encode,
  };
  const pool = createConnectionPool(environment, { heartbeatMs, stallMs: slow.stallMs }, () => {
    // What is pending goes first, so that a heartbeat may claim everything up to here.
    const { head } = delivery;
    delivery.flush();
    history.expire();
    return head;
  });
  const hasInitial = [resolved.initial, ...Object.values(resolved.initialByChannel)].some((each) => each !== "none");
  const initialFor = hasInitial ? createPerChannel(resolved.initialByChannel, resolved.initial) : undefined;
  const acceptor = createAcceptor({ ...resolved, context, registry, history, groups, initialFor, pool });
  let closing: { readonly spreadMs: number; readonly result: Promise<CloseResult> } | undefined;
  let closed = false;

  const openStream: OpenStream = (request, { channels }, openSink) => {
    const authorised = registry.authorise(channels);
    if (closing) acceptor.turnAway(closing.spreadMs, openSink);
    else acceptor.accept(request, authorised, openSink);
  };

  async function finish(close: Required<CloseOptions>): Promise<CloseResult> {
    const result = await shutDown(pool, environment, delivery.flush, close);
    closed = true;
    await log.close();
    return result;
  }

  log.open(delivery);

  return {
    epoch,
    get head() {
      return formatEventId(epoch, delivery.head);
    },
    get connectionCount() {
      return pool.connections.size;
    },
    publish(channel: string, data: unknown, publishOptions: PublishOptions = {}) {
      const record = publication(channel, data, publishOptions);
      if (closed) return Promise.reject(new HubClosedError());
      return log.append(record).then((position) => {
        counters.published++;
        return { id: formatEventId(epoch, position) };
      });
    },
    node: createNodeHandler(openStream),
    fetch: createFetchHandler(openStream, slow.maxBufferedBytes),
    stats: () => snapshotStats(pool.connections.size, counters, history),
    close(closeOptions = {}) {
      if (closing) return closing.result;
      const resolvedClose = resolveCloseOptions(closeOptions);
      closing = { spreadMs: resolvedClose.spreadMs, result: finish(resolvedClose) };
      return closing.result;
    },
  };
}
