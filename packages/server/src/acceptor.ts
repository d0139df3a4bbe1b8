import type { ConnectionContext } from "./connection-context.ts";
import type { ConnectionPool } from "./connection-pool.ts";
import {
  type ByeReason,
  describeGap,
  encodeBye,
  encodeGap,
  encodeHello,
  encodePadding,
  encodeStatus,
} from "./control-frames.ts";
import { drawMs } from "./draw.ts";
import type { CompleteEnvironment } from "./environment.ts";
import type { EventGuard } from "./event-guard.ts";
import { formatEventId, type Position } from "./event-id.ts";
import { encodeFrame } from "./frame.ts";
import type { Group, Groups } from "./group.ts";
import type { History } from "./history.ts";
import type { Hooks } from "./hooks.ts";
import type { Inboxes } from "./inboxes.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import type { Limits, ResolvedLimits, Seat } from "./limits.ts";
import type { LogWatch } from "./log-status.ts";
import type { Mailboxes } from "./mailboxes.ts";
import type { Pass } from "./pass.ts";
import type { Presence } from "./presence.ts";
import type { PresenceList } from "./presence-list.ts";
import { allOf } from "./reading.ts";
import { planResume, type ResumePlan } from "./resume.ts";
import type { Sink } from "./sink.ts";
import { type ConnectionOwner, StreamConnection } from "./stream-connection.ts";
import { carriedChannels, presentedId, type StreamRequest } from "./stream-request.ts";

/** What {@link createAcceptor} needs. */
export interface AcceptorConfig {
  readonly context: ConnectionContext;
  readonly environment: CompleteEnvironment;
  readonly history: History;
  readonly groups: Groups;
  readonly mailboxes: Mailboxes;
  readonly inboxes: Inboxes;
  readonly guard: EventGuard;
  readonly retryMs: readonly [min: number, max: number];
  readonly padding: number;
  readonly replayMax: number;
  readonly pool: ConnectionPool;
  readonly hooks: Hooks;
  readonly watch: LogWatch;
  /** `undefined` when no channel has any. */
  readonly presence: Presence | undefined;
  readonly limits: Pick<ResolvedLimits, "channelsPerConnection">;
  /** Count what is open. */
  readonly seats: Pick<Limits, "take" | "leave">;
  /** `undefined` when no channel has a policy but "none". */
  readonly initialFor: ((channel: string) => InitialPolicy) | undefined;
}

/** Turns requests into streams. */
export interface Acceptor {
  /** Opens a stream on the channels both requested and authorised, and counts it for as long as it is open. */
  accept(request: StreamRequest, pass: Pass, openSink: () => Sink): void;
  /**
   * Opens a stream that only says when to come back, and ends it. Any status but 200 would stop a native EventSource
   * for good.
   */
  turnAway(reason: ByeReason, retryMs: number, openSink: () => Sink): void;
}

/** Creates the acceptor of a hub. */
export function createAcceptor(config: AcceptorConfig): Acceptor {
  const { context, environment, history, groups, mailboxes, inboxes, guard, pool, hooks, watch } = config;
  const { presence, replayMax, initialFor, seats } = config;
  const { channelsPerConnection } = config.limits;

  function prelude(
    id: string,
    group: Group,
    plan: ResumePlan,
    lastEventId: string | undefined,
    head: Position,
    present: PresenceList | undefined,
  ): string {
    const { epoch, heartbeatMs, counters } = context;
    const { channels } = group.subscription;
    const parts = [
      encodePadding(config.padding),
      encodeFrame({ retry: drawMs(config.retryMs, environment.random) }),
      encodeHello({ conn: id, epoch, head, heartbeatMs, channels, plan, presence: present }),
    ];
    if (!watch.isLive) parts.push(encodeStatus(false));
    for (const gap of plan.gaps) {
      counters.gaps[gap.reason]++;
      parts.push(encodeGap(describeGap(gap, lastEventId, formatEventId(epoch, head))));
    }
    return parts.join("");
  }

  const owner: ConnectionOwner = {
    closed(connection, reason) {
      seats.leave(connection.seat);
      context.counters.closes[reason]++;
      groups.leave(connection.group(), connection);
      inboxes.leave(connection.inbox, connection);
      pool.remove(connection);
      presence?.leave(connection.id);
      if (connection.isKnown) hooks.disconnected(connection, reason);
    },
  };

  /** What an open stream carries, and what one that is about to open will. */
  const channelsOf =
    (id: string, { subscription }: Group) =>
    () =>
      (pool.find(id)?.group().subscription ?? subscription).channels;

  // Nothing here waits: an entry that came between reading the head and the first write would be sent twice or never.
  function open(request: StreamRequest, pass: Pass, seat: Seat, openSink: () => Sink): StreamConnection {
    const lastEventId = presentedId(request);
    // First of all, as it may throw: headers can have been sent already.
    const sink = openSink();
    history.expire();
    // Before it is among those who are told.
    watch.look();
    mailboxes.expire(pass.user);
    const inbox = inboxes.open(pass.user);
    const known = groups.open(carriedChannels(request, pass.channels, channelsPerConnection));
    const { epoch } = context;
    const { subscription } = known;
    const head = context.head();
    const id = environment.randomId();
    const filter = guard(id, pass, channelsOf(id, known));
    const source = allOf(inbox ? [mailboxes.all, inbox] : [mailboxes.all]);
    const plan = planResume({
      lastEventId,
      epoch,
      head,
      subscription,
      history,
      source,
      replayMax,
      initialFor,
      filter,
    });
    // Opened anew where a decision can have made the last one leave who kept it.
    const group = filter ? groups.open(subscription.channels) : known;
    const connection = new StreamConnection(context, owner, {
      id,
      pass,
      seat,
      connectedAt: environment.date(),
      group,
      inbox,
      filter,
      sink,
      plan,
      prelude: prelude(id, group, plan, lastEventId, head, presence?.enter(id, pass.user, subscription)),
    });
    sink.listen(connection);
    context.counters.connects++;
    context.counters.replayed += plan.replayed;
    group.connections.add(connection);
    inboxes.join(inbox, connection);
    pool.add(connection);
    connection.proceed();
    return connection;
  }

  return {
    accept(request, pass, openSink) {
      const seat = seats.take(pass);
      try {
        const connection = open(request, pass, seat, openSink);
        // The first write may have found out that the client is gone already.
        if (pool.find(connection.id) !== connection) return;
        connection.isKnown = true;
        hooks.connected(connection);
      } catch (error) {
        seats.leave(seat);
        throw error;
      }
    },
    turnAway(reason, retryMs, openSink) {
      const sink = openSink();
      sink.listen({ onClose: () => sink.release(), onDrain() {} });
      sink.write(context.encode(encodeBye(reason, retryMs)));
      sink.end();
    },
  };
}
