import type { AnyChannelDefinitions, ChannelDefinitions, ChannelName } from "./define-channels.ts";
import type { ConnectionInfo } from "./directory.ts";
import type { DisconnectTarget } from "./disconnect-target.ts";
import type { LogStatus } from "./log-status.ts";
import type { NodeRequest, NodeResponse } from "./node-sink.ts";
import type { Progress, ProgressOptions } from "./progress.ts";
import type { ProgressChannel, ProgressResult } from "./progress-event.ts";
import type { ConnectionPublisher, Publisher } from "./publisher.ts";
import type { CloseOptions, CloseResult } from "./shutdown.ts";
import type { HubStats } from "./stats.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { Task, TrackOptions } from "./task-runner.ts";

/** Publishes events and streams them to any number of clients. Every method is bound. */
export interface Hub<Definitions extends ChannelDefinitions = AnyChannelDefinitions> extends Publisher<Definitions> {
  /** Names this run of the log; the first part of every id. */
  readonly epoch: string;
  /** Id of the newest event: what a snapshot taken now includes. `<epoch>.0` before the first. */
  readonly head: string;
  /** How the log is; the in-memory one is always up. */
  readonly status: LogStatus;
  /** Streams open now. */
  readonly connectionCount: number;
  /**
   * Number of streams and held polls that listen to a channel, by name or under a pattern.
   *
   * @throws {ChannelNameError | ReservedEventError} when the name cannot be one.
   */
  listenerCount(channel: ChannelName<Definitions>): number;
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
   * come back. Returns how many. What waits for `authorize` is left to that. Called by `authorizeEvent` it does so at the end of
   * the tick, and returns 0.
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
