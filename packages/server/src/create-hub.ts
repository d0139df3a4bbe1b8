import { createAcceptor } from "./acceptor.ts";
import { addressOf, EVERYBODY } from "./address.ts";
import { createChannelChanger } from "./channel-changer.ts";
import { checkChannelName } from "./channel-name.ts";
import { createChannelRegistry } from "./channel-registry.ts";
import { createClosing } from "./closing.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionContext } from "./connection-context.ts";
import { createConnectionPool } from "./connection-pool.ts";
import { encodeStatus } from "./control-frames.ts";
import { createCors } from "./cors.ts";
import { createCounters } from "./counters.ts";
import type { ChannelDefinitions } from "./define-channels.ts";
import { createDelivery } from "./delivery.ts";
import { resolveTarget } from "./disconnect-target.ts";
import { createDoor } from "./door.ts";
import { createEndpoint } from "./endpoint.ts";
import { OptionError } from "./errors.ts";
import { createEventGuard } from "./event-guard.ts";
import { formatEventId } from "./event-id.ts";
import { createFetchHandler } from "./fetch-handler.ts";
import { createHooks } from "./hooks.ts";
import type { Hub } from "./hub.ts";
import { encodeMetrics } from "./hub-metrics.ts";
import { createLimits } from "./limits.ts";
import { createLogWatch } from "./log-status.ts";
import { createMemoryLog, randomEpoch } from "./memory-log.ts";
import { toNativeBytes } from "./native-bytes.ts";
import { createNodeHandler } from "./node-handler.ts";
import { type HubOptions, resolveOptions } from "./options.ts";
import { createPollReader } from "./poll-reader.ts";
import { createPoller } from "./poller.ts";
import { createPresence } from "./presence.ts";
import { createPublication, type PublishOptions } from "./publication.ts";
import { createPublish } from "./publisher.ts";
import { createReporter } from "./reporter.ts";
import { awayRetryMs, type CloseOptions, type CloseResult, shutDown } from "./shutdown.ts";
import { countListeners, snapshotStats } from "./stats.ts";
import { createStores } from "./stores.ts";
import { checkUser } from "./stream-options.ts";
import { createTaskRunner } from "./task-runner.ts";

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
  const { environment, heartbeatMs, visibleHeartbeat, slow, batchMs } = resolved;
  const { now, random } = environment;
  const registry = createChannelRegistry(resolved.channels);
  const encoder = new TextEncoder();
  const encode = (text: string) => toNativeBytes(encoder.encode(text));
  const log = resolved.log ?? createMemoryLog(resolved.epoch ?? randomEpoch(random));
  const { epoch } = log;
  const counters = createCounters();
  const stores = createStores(resolved);
  const { history, groups } = stores;
  const measured = counters.broadcasts.observe;
  const shared = { epoch, counters, environment, encode };
  const delivery = createDelivery({ ...stores, ...shared, head: log.head, batchMs, measured });
  const publication = createPublication({ ...resolved, registry, encode });
  const head = () => delivery.head;
  const context: ConnectionContext = {
    epoch,
    counters,
    heartbeatMs,
    visibleHeartbeat,
    slow,
    head,
    now,
    random,
    encode,
  };
  const reporter = createReporter(resolved.onError);
  const hooks = createHooks(resolved, reporter);
  const watch = createLogWatch({
    now,
    changed: hooks.statusChanged,
    tell(isLive) {
      for (const connection of [...pool.connections]) connection.notify(encodeStatus(isLive));
    },
  });
  const flush = () => {
    // Read first, as a write can publish: nothing beyond this may be claimed for those who had their turn.
    const { head } = delivery;
    delivery.flush();
    history.expire();
    return head;
  };
  const pool = createConnectionPool(environment, { ...resolved, stallMs: slow.stallMs }, watch.look, flush);
  const limits = createLimits(resolved.limits);
  let deciding = 0;
  const undisturbed = <Result>(run: () => Result): Result => {
    deciding++;
    try {
      return delivery.undisturbed(run);
    } finally {
      deciding--;
    }
  };
  const guard = createEventGuard({ ...resolved, epoch, reporter, undisturbed });
  function* streamsOf(channel: string) {
    for (const group of groups.listeningTo(channel)) {
      // Held polls are members of groups, too.
      for (const member of group.connections)
        if (pool.connections.has(member as Connection)) yield member as Connection;
    }
  }
  const presence =
    resolved.presence.length === 0 ? undefined : createPresence({ ...resolved, encode, find: pool.find, streamsOf });
  const parts = {
    ...resolved,
    ...stores,
    context,
    registry,
    guard,
    presence,
    counters,
    reporter,
    pool,
    hooks,
    watch,
    flush,
  };
  const poller = createPoller({ ...parts, read: createPollReader(parts), seats: limits });
  const closing = createClosing(random, finish);
  const { awayMs } = closing;
  let isClosed = false;
  const door = createDoor({ ...parts, limits, awayMs });
  const endpoint = createEndpoint({
    ...parts,
    cors: resolved.cors === undefined ? undefined : createCors(resolved.cors, reporter),
    acceptor: createAcceptor({ ...parts, seats: limits }),
    changeChannels: createChannelChanger(parts),
    poller,
    door,
    limits,
    random,
    awayMs,
  });

  const stats = () => snapshotStats(pool, counters, stores, watch.status);
  const publishTo = createPublish({ publication, log, counters, isClosed: () => isClosed });

  function finish(close: Required<CloseOptions>): Promise<CloseResult> {
    if (deciding === 0) return end(close);
    return new Promise((resolve) => void environment.defer(() => resolve(end(close))));
  }

  async function end(close: Required<CloseOptions>): Promise<CloseResult> {
    door.close();
    presence?.close();
    poller.close(() => awayRetryMs(close.spreadMs, random));
    const result = await shutDown(pool, environment, delivery.flush, close);
    isClosed = true;
    await log.close();
    return result;
  }

  log.open({ ingest: delivery.ingest, status: watch.set });

  const tasks = createTaskRunner({
    environment,
    report: reporter.report,
    publish: ({ channel, user }, event) =>
      publishTo(user === undefined ? undefined : addressOf(user))(channel, event, { latest: true, key: event.id }),
  });

  return {
    epoch,
    get head() {
      return formatEventId(epoch, delivery.head);
    },
    get status() {
      return watch.status;
    },
    get connectionCount() {
      return pool.connections.size;
    },
    listenerCount(channel: string) {
      checkChannelName(channel);
      return countListeners(groups, channel);
    },
    publish: publishTo(),
    broadcast: publishTo(EVERYBODY),
    toUser(user) {
      checkUser(user);
      return { publish: publishTo(addressOf(user)) };
    },
    toConnection: (conn) => ({
      publish(channel: string, data: unknown, publishOptions: PublishOptions = {}) {
        const { body } = publication(channel, data, { ...publishOptions, ephemeral: true });
        const connection = pool.find(conn);
        if (!connection) return Promise.resolve(false);
        counters.published++;
        return delivery.tellOne(connection, { channel, to: undefined }, body);
      },
    }),
    node: createNodeHandler(endpoint, environment, slow.stallMs),
    fetch: createFetchHandler(endpoint, environment, slow.maxBufferedBytes),
    connectionsOf: pool.ofUser,
    disconnect(target) {
      const resolvedTarget = resolveTarget(target);
      const expire = () => {
        const flushedTo = flush();
        return pool.expire(resolvedTarget) + poller.expire(resolvedTarget, flushedTo);
      };
      if (deciding === 0) return expire();
      // It may be one of them that is being read for.
      environment.defer(expire);
      return 0;
    },
    presence(channel: string) {
      checkChannelName(channel);
      const users = presence?.usersOn(channel);
      if (!users) throw new OptionError("presence", `add ${JSON.stringify(channel)} to it to know who is there.`);
      return users;
    },
    progress: tasks.progress,
    trackProgress: tasks.trackProgress,
    stats,
    metrics: () => encodeMetrics(stats()),
    close: (closeOptions = {}) => closing.begin(closeOptions),
  };
}
