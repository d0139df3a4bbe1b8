import { planAddition } from "./addition.ts";
import { type ChannelChange, ChannelChangeError, MAX_CHANNELS, parseChannelChange } from "./channel-change.ts";
import { createNarrower } from "./channel-registry.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionContext } from "./connection-context.ts";
import type { ConnectionPool } from "./connection-pool.ts";
import { describeGap, encodeGap } from "./control-frames.ts";
import { type Coverage, createCoverage } from "./coverage.ts";
import type { CompleteEnvironment } from "./environment.ts";
import { formatEventId, type Position } from "./event-id.ts";
import type { Groups } from "./group.ts";
import type { History } from "./history.ts";
import type { InitialPolicy } from "./initial-policy.ts";
import { badRequest, type JsonAnswer } from "./json-answer.ts";
import { createLedger } from "./ledger.ts";
import type { ResolvedLimits } from "./limits.ts";
import type { Mailboxes } from "./mailboxes.ts";
import { type Pass, untilMoment } from "./pass.ts";
import { isPattern } from "./pattern.ts";
import type { Presence } from "./presence.ts";
import type { Skip } from "./reading.ts";
import { EXPIRED } from "./refusal.ts";
import { createRingSorter } from "./ring-sorter.ts";

/** What {@link createChannelChanger} needs. */
export interface ChannelChangerConfig {
  readonly context: ConnectionContext;
  readonly environment: CompleteEnvironment;
  readonly history: History;
  readonly groups: Groups;
  readonly mailboxes: Mailboxes;
  readonly pool: ConnectionPool;
  readonly limits: Pick<ResolvedLimits, "channelsPerConnection">;
  /** `undefined` when no channel has any. */
  readonly presence: Presence | undefined;
  readonly replayMax: number;
  readonly initialFor: ((channel: string) => InitialPolicy) | undefined;
  /** Writes what is pending, so that streams are as up to date as their peers allow; returns up to where. */
  flush(): Position;
}

/** Changes what an open stream listens to, as the body of a request asks, and says what came of it. */
export type ChannelChanger = (body: unknown, pass: Pass) => JsonAnswer;

const UNKNOWN_CONN: JsonAnswer = Object.freeze({ status: 409, body: { error: "unknown-conn" } });

/** True when one of the channels may be among those of the name or pattern. */
function concerns({ channels, covers }: Coverage, channel: string): boolean {
  return isPattern(channel) ? channels.size > 0 : covers(channel);
}

/** Creates the changer of a hub. */
export function createChannelChanger(config: ChannelChangerConfig): ChannelChanger {
  const { context, environment, history, groups, mailboxes, pool, replayMax, initialFor, flush } = config;
  const { epoch, counters } = context;
  const { channelsPerConnection } = config.limits;

  // Nothing here waits: an entry that came between choosing the cursor and the first write would be sent twice or never.
  function apply(connection: Connection, change: ChannelChange, authorised: readonly string[], cursor: Position) {
    const { group, owed, skips } = connection.course();
    const { channels: carried } = group.subscription;
    const coverage = createCoverage(carried.filter((channel) => !change.unsubscribe.has(channel)));
    // Dropping what the stream does not carry by that very name has no effect, so it settles nothing either.
    const dropped = new Set(carried.filter((channel) => change.unsubscribe.has(channel)));
    const ledger = createLedger(owed, dropped, coverage);
    const kept = new Set(skips.filter(({ channel }) => coverage.includes(channel)));
    const skipped: Skip[] = [];
    const altered = createCoverage(dropped);
    const { user } = connection.pass;
    const mail = user === undefined ? [mailboxes.all] : [mailboxes.all, mailboxes.of(user)];
    const narrow = createNarrower(authorised);
    const requested = [...change.subscribe].map((name) => ({ name, granted: narrow(name) }));
    const ringsFor = createRingSorter(
      history,
      requested.flatMap(({ granted }) => granted),
    );
    const rejected: string[] = [];
    // What the server has listed itself is no client's invention.
    const given = new Set(authorised);
    const countOwn = (channels: Iterable<string>) => [...channels].filter((channel) => !given.has(channel)).length;
    let own = countOwn(coverage.channels);

    for (const { name, granted } of requested) {
      const added = granted.filter((channel) => !coverage.channels.has(channel));
      const addedOwn = countOwn(added);
      const isTooMany =
        (addedOwn > 0 && own + addedOwn > channelsPerConnection) ||
        (added.length > 0 && coverage.channels.size + added.length > MAX_CHANNELS);
      if (granted.length === 0 || isTooMany || !ledger.hasRoomFor(name)) {
        rejected.push(name);
        continue;
      }
      const channels = added.filter((channel) => !coverage.includes(channel));
      const since = change.since.get(name);
      const addition = planAddition({
        channels,
        since,
        epoch,
        head: context.head(),
        cursor,
        history: ringsFor(channels),
        mail,
        replayMax: Math.max(0, replayMax - ledger.events),
        initialFor,
        filter: connection.filter,
        isCarried: coverage.covers,
      });
      for (const gap of addition.gaps) counters.gaps[gap.reason]++;
      const gaps = addition.gaps.map((gap) => ({
        channels: gap.channels,
        text: encodeGap(describeGap(gap, since, formatEventId(epoch, cursor))),
      }));
      if (channels.length > 0) ledger.owe(name, gaps, addition.entries);
      else ledger.remind(name);
      for (const skip of addition.skips) skipped.push(skip);
      for (const channel of added) {
        coverage.add(channel);
        altered.add(channel);
      }
      own += addedOwn;
    }

    const next = groups.open([...coverage.channels]);
    if (next !== group) {
      next.connections.add(connection);
      groups.leave(group, connection);
    }
    // Mail has gaps of channels that the stream does not carry. They hold, except for what begins now or is dropped.
    const stillSkipped = skips.filter((skip) => kept.has(skip) || !concerns(altered, skip.channel));
    connection.alter({ group: next, owed: ledger.owed, skips: [...stillSkipped, ...skipped] });
    connection.proceed();
    config.presence?.move(connection.id, connection.course().group.subscription, change.subscribe.size > 0);
    return rejected;
  }

  /**
   * Sees to it that no channel is carried for longer than it is allowed: one that only this request allows no longer than the
   * request itself, and all of them for longer only where it allows them all.
   */
  function adjustExpiry(connection: Connection, { user, channels, expiry }: Pass, before: readonly string[]) {
    const { pass } = connection;
    const carried = connection.course().group.subscription.channels;
    if (expiry.date > pass.expiry.date) {
      // Not where it carries what is no longer allowed, perhaps for the very reason that the permission ran out.
      if (user !== undefined && carried.every(createCoverage(channels).includes))
        pool.entrust(connection, { ...pass, channels, expiry });
    } else if (expiry.date < pass.expiry.date) {
      const known = createCoverage([...before, ...pass.channels]);
      if (!carried.every(known.includes)) pool.entrust(connection, { ...pass, expiry });
    }
  }

  return (body, pass) => {
    try {
      const change = parseChannelChange(body);
      // The body may have taken its time.
      if (untilMoment(pass.expiry, environment) <= 0) {
        counters.refused.expired++;
        return EXPIRED;
      }
      const connection = pool.find(change.conn);
      // Before the flush: whoever guesses must not be able to break up the writes of everybody else.
      if (!connection || connection.pass.user !== pass.user) return UNKNOWN_CONN;
      const flushedTo = flush();
      // After it, as it may have found out that the peer is gone.
      if (connection.isOver()) return UNKNOWN_CONN;
      const before = connection.course().group.subscription.channels;
      const rejected = apply(connection, change, pass.channels, connection.writtenTo(flushedTo));
      if (connection.isOver()) return UNKNOWN_CONN;
      adjustExpiry(connection, pass, before);
      return { status: 200, body: { channels: connection.course().group.subscription.channels, rejected } };
    } catch (error) {
      if (error instanceof ChannelChangeError) return badRequest(error.message);
      throw error;
    }
  };
}
