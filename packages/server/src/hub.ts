import { createAcceptor } from "./acceptor.ts";
import { addressOf, EVERYBODY } from "./address.ts";
import { createChannelChanger } from "./channel-changer.ts";
import { checkChannelName } from "./channel-name.ts";
import { createChannelRegistry } from "./channel-registry.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionContext } from "./connection-context.ts";
import { createConnectionPool } from "./connection-pool.ts";
import { encodeStatus } from "./control-frames.ts";
import { createCors } from "./cors.ts";
import { createCounters } from "./counters.ts";
import type { ChannelDefinitions, ChannelName } from "./define-channels.ts";
import { createDelivery } from "./delivery.ts";
import type { ConnectionInfo } from "./directory.ts";
import { type DisconnectTarget, resolveTarget } from "./disconnect-target.ts";
import { createDoor } from "./door.ts";
import { createEndpoint } from "./endpoint.ts";
import { OptionError } from "./errors.ts";
import { createEventGuard } from "./event-guard.ts";
import { formatEventId } from "./event-id.ts";
import { createFetchHandler } from "./fetch-handler.ts";
import { createGroups } from "./group.ts";
import { createHistory } from "./history.ts";
import { createHooks } from "./hooks.ts";
import { encodeMetrics } from "./hub-metrics.ts";
import { createInboxes } from "./inboxes.ts";
import { createLimits } from "./limits.ts";
import { createLogWatch, type LogStatus } from "./log-status.ts";
import { createMailboxes } from "./mailboxes.ts";
import { createMemoryLog, randomEpoch } from "./memory-log.ts";
import { toNativeBytes } from "./native-bytes.ts";
import { createNodeHandler } from "./node-handler.ts";
import type { NodeRequest, NodeResponse } from "./node-sink.ts";
import { type HubOptions, resolveOptions } from "./options.ts";
import { createPerChannel } from "./per-channel.ts";
import { createPollReader } from "./poll-reader.ts";
import { createPoller } from "./poller.ts";
import { createPresence } from "./presence.ts";
import type { Progress, ProgressOptions } from "./progress.ts";
import type { ProgressChannel, ProgressResult } from "./progress-event.ts";
import { createPublication, type PublishOptions } from "./publication.ts";
import { type ConnectionPublisher, createPublish, type Publisher } from "./publisher.ts";
import { createReporter } from "./reporter.ts";
import { awayRetryMs, type CloseOptions, type CloseResult, resolveCloseOptions, shutDown } from "./shutdown.ts";
import { type HubStats, snapshotStats } from "./stats.ts";
import { checkUser, type StreamOptions } from "./stream-options.ts";
import { createTaskRunner, type Task, type TrackOptions } from "./task-runner.ts";

/** Publishes events and streams them to any number of clients. Every method is bound. */
export interface Hub<Definitions extends ChannelDefinitions = ChannelDefinitions> extends Publisher<Definitions> {
  /** Names this run of the log; the first part of every id. */
  readonly epoch: string;
  /** Id of the newest event: what a snapshot taken now includes. `<epoch>.0` before the first. */
  readonly head: string;
  /** How the log is; the in-memory one is always up. */
  readonly status: LogStatus;
  /** Streams open now. */
  readonly connectionCount: number;
  /** Publishes to every stream and poll, whatever channels it listens to; otherwise like `publish`. */
  readonly broadcast: Publisher<Definitions>["publish"];
  /**
   * Publishes to the streams and polls of one user, whatever channels they listen to; otherwise like `publish`. Nobody else
   * gets these events, and who is away gets them on coming back.
   *
   * @throws {OptionError} when the user is not a non-empty string.
   *
   * @example
   * await hub.toUser("ann").publish("notifications", { text: "Your order is on its way." });
   */
  toUser(user: string): Publisher<Definitions>;
  /** Ephemeral events for one open stream of this hub, by its name (`conn` in `sse.hello`). */
  toConnection(conn: string): ConnectionPublisher<Definitions>;
  /**
   * Answers a request of `node:http`, `node:http2`, Express or anything alike: for a stream, for a change of its
   * channels, or for a poll. Writes the response itself.
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
  /** The open streams of a user, the oldest first. */
  connectionsOf(user: string): ConnectionInfo[];
  /**
   * Ends open streams, and answers held polls, as if their permission were over: clients renew their credentials before they
   * come back. Returns how many. What waits for `authorize` is left to that.
   *
   * @throws {OptionError} when `target` is not exactly one of `user`, `ip` and `id`.
   *
   * @example
   * app.post("/sign-out", (req, res) => {
   *   sessions.delete(req.session.id);
   *   hub.disconnect({ user: req.session.user });
   *   res.end();
   * });
   */
  disconnect(target: DisconnectTarget): number;
  /**
   * The users on a channel of the option `presence`, sorted: those with a stream that carries it, and those whose last one
   * left less than `presenceDelayMs` ago.
   *
   * @throws {OptionError} when the option does not cover the channel.
   * @throws {ChannelNameError | ReservedEventError} when the name cannot be one.
   */
  presence(channel: ChannelName<Definitions>): string[];
  /**
   * Tells of a task under way, beginning with `pending`.
   *
   * @throws {OptionError} for unusable options.
   * @throws {UnknownChannelError | ChannelNameError | ReservedEventError | InvalidDataError} when nothing can be published
   * there.
   *
   * @example
   * const progress = hub.progress("import-7", { channel: "jobs", user: "ann", total: rows.length });
   * for (const [index, row] of rows.entries()) {
   *   await save(row);
   *   progress.update(index + 1);
   * }
   * progress.done();
   */
  progress<Name extends ProgressChannel<Definitions>>(
    id: string,
    options: ProgressOptions<Name>,
  ): Progress<ProgressResult<Definitions, Name>>;
  /**
   * Runs a task and tells of it: `running` from its start, and in the end `completed` with what it returns, or `failed`.
   * Resolves with the result. Rejects with the task's own error, at once with the reason of `signal` when that is aborted, and
   * with what `progress` throws.
   *
   * @example
   * await hub.trackProgress("report-7", { channel: "jobs", user: "ann" }, async (progress, signal) => {
   *   const rows = await load(signal);
   *   progress.update({ percent: 50, message: "Writing" });
   *   return write(rows);
   * });
   */
  trackProgress<Name extends ProgressChannel<Definitions>, Result extends ProgressResult<Definitions, Name>>(
    id: string,
    options: TrackOptions<Name>,
    task: Task<Result>,
  ): Promise<Result>;
  /** Totals and sizes as plain JSON. */
  stats(): HubStats;
  /** The same for Prometheus: text of `text/plain; version=0.0.4`. */
  metrics(): string;
  /** Ends all streams, evenly spread, answers held polls, and turns new streams away. Further calls return the first one's promise. */
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
  const { environment, heartbeatMs, visibleHeartbeat, slow } = resolved;
  const { now, random } = environment;
  const registry = createChannelRegistry(resolved.channels);
  const encoder = new TextEncoder();
  const encode = (text: string) => toNativeBytes(encoder.encode(text));
  const log = resolved.log ?? createMemoryLog(resolved.epoch ?? randomEpoch(random));
  const { epoch } = log;
  const counters = createCounters();
  const limitsFor = createPerChannel(resolved.historyByChannel, resolved.history);
  const hasInitial = [resolved.initial, ...Object.values(resolved.initialByChannel)].some((each) => each !== "none");
  const initialFor = hasInitial ? createPerChannel(resolved.initialByChannel, resolved.initial) : undefined;
  const history = createHistory({ limitsFor, initialFor, totalBytes: resolved.historyBytes, now });
  const mailboxes = createMailboxes({ limitsFor, initialFor, totalBytes: resolved.userHistoryBytes, now });
  const inboxes = createInboxes(mailboxes);
  const groups = createGroups(history, mailboxes);
  const stores = { history, groups, mailboxes, inboxes };
  const measured = counters.broadcasts.observe;
  const delivery = createDelivery({ ...stores, epoch, head: log.head, counters, environment, encode, measured });
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
  const guard = createEventGuard({ ...resolved, epoch, reporter, undisturbed: delivery.undisturbed });
  function* streamsOf(channel: string) {
    for (const group of groups.listeningTo(channel)) {
      // Held polls are members of groups, too.
      for (const member of group.connections)
        if (pool.connections.has(member as Connection)) yield member as Connection;
    }
  }
  const presence =
    resolved.presence.length === 0 ? undefined : createPresence({ ...resolved, encode, find: pool.find, streamsOf });
  const read = { context, registry, ...stores, initialFor, guard };
  const parts = { ...resolved, ...read, presence, counters, reporter, pool, hooks, watch, flush };
  const poller = createPoller({ ...parts, read: createPollReader(parts), take: limits.take });
  let closing: Promise<CloseResult> | undefined;
  let spreadMs: number | undefined;
  let closed = false;
  const awayMs = () => (spreadMs === undefined ? undefined : awayRetryMs(spreadMs, random));
  const door = createDoor({ ...parts, limits, awayMs });
  const endpoint = createEndpoint({
    ...parts,
    cors: resolved.cors === undefined ? undefined : createCors(resolved.cors, reporter),
    acceptor: createAcceptor(parts),
    changeChannels: createChannelChanger(parts),
    poller,
    door,
    limits,
    random,
    awayMs,
  });

  const stats = () => snapshotStats(pool, counters, stores, watch.status);
  const publishTo = createPublish({ publication, log, counters, isClosed: () => closed });

  async function finish(close: Required<CloseOptions>): Promise<CloseResult> {
    door.close();
    presence?.close();
    poller.close(() => awayRetryMs(close.spreadMs, random));
    const result = await shutDown(pool, environment, delivery.flush, close);
    closed = true;
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
    publish: publishTo(),
    broadcast: publishTo(EVERYBODY),
    toUser(user) {
      checkUser(user);
      return { publish: publishTo(addressOf(user)) };
    },
    toConnection: (conn) => ({
      publish(channel: string, data: unknown, publishOptions: PublishOptions = {}) {
        const { body } = publication(channel, data, publishOptions);
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
      const flushedTo = flush();
      return pool.expire(resolvedTarget) + poller.expire(resolvedTarget, flushedTo);
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
    close(closeOptions = {}) {
      if (closing) return closing;
      const resolvedClose = resolveCloseOptions(closeOptions);
      // Before the first end, as that can lead to further requests.
      spreadMs = resolvedClose.spreadMs;
      let begin!: (result: Promise<CloseResult>) => void;
      // Before it, too, as a hook that is told of an end can call this again.
      closing = new Promise((resolve) => {
        begin = resolve;
      });
      begin(finish(resolvedClose));
      return closing;
    },
  };
}
