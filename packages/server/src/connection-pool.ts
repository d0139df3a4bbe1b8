import type { Connection } from "./connection.ts";
import { encodeBye } from "./control-frames.ts";
import { type ConnectionInfo, createDirectory } from "./directory.ts";
import type { ResolvedTarget } from "./disconnect-target.ts";
import { drawMs } from "./draw.ts";
import type { CompleteEnvironment } from "./environment.ts";
import type { Position } from "./event-id.ts";
import { createExpiry } from "./expiry.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { momentIn, type Pass } from "./pass.ts";

/** Every open connection of a hub, and the timers that exist as long as there is one. */
export interface ConnectionPool {
  readonly connections: ReadonlySet<Connection>;
  /** Number of users with an open connection. */
  readonly users: number;
  /** The connection of that name, as `sse.hello` told it. */
  find(id: string): Connection | undefined;
  /** Those of a user, the oldest first. */
  ofUser(user: string): ConnectionInfo[];
  add(connection: Connection): void;
  /** Puts an open connection under another permission of the same user, and ends it when that does. */
  entrust(connection: Connection, pass: Pass): void;
  /** Ends those connections as if their permission were over; returns their number. */
  expire(target: ResolvedTarget): number;
  remove(connection: Connection): void;
  /** Calls back once when no connection is left, at once if there is none now. */
  whenEmpty(run: () => void): void;
}

/** What {@link createConnectionPool} goes by. */
export interface PoolTiming {
  readonly heartbeatMs: number | null;
  readonly stallMs: number;
  /** Longest a connection lives; `null` for ever. */
  readonly maxConnectionMs: number | null;
  readonly retryMs: readonly [min: number, max: number];
}

/** Least part of `maxConnectionMs` that a connection lives. */
const SHORTEST_LIFE = 0.8;

/** Creates an empty pool. At each look at the connections `onLook` runs first; `flush` runs before the connections get their turn and returns up to where it has written. */
export function createConnectionPool(
  environment: CompleteEnvironment,
  { retryMs, maxConnectionMs, heartbeatMs, stallMs }: PoolTiming,
  onLook: () => void,
  flush: () => Position,
): ConnectionPool {
  const connections = new Set<Connection>();
  const byId = new Map<string, Connection>();
  const directory = createDirectory();
  let onEmpty: (() => void) | undefined;
  const endAll = (reason: "expired" | "max-age", ending: readonly Connection[]) => {
    for (const connection of ending) connection.end(encodeBye(reason, drawMs(retryMs, environment.random)), reason);
  };
  const endDue = (reason: "expired" | "max-age") =>
    createExpiry<Connection>(environment, (due) => {
      // A timer can come before the end of the tick that published something.
      flush();
      endAll(reason, due);
    });
  const expiry = endDue("expired");
  const ages = endDue("max-age");
  const heartbeat = createHeartbeat({
    environment,
    heartbeatMs,
    stallMs,
    onTick(now, graceMs) {
      onLook();
      const flushedTo = flush();
      for (const connection of connections) connection.tick(now, graceMs, flushedTo);
      expiry.look();
      ages.look();
    },
  });

  function* connectionsBy({ by, value }: ResolvedTarget) {
    if (by === "ip") for (const connection of connections) if (connection.pass.ip === value) yield connection;
    const ids = by === "id" ? [value] : by === "user" ? directory.of(value).map(({ id }) => id) : [];
    for (const id of ids) if (byId.has(id)) yield byId.get(id)!;
  }

  return {
    connections,
    get users() {
      return directory.users;
    },
    find: (id) => byId.get(id),
    ofUser: directory.of,
    add(connection) {
      connections.add(connection);
      byId.set(connection.id, connection);
      directory.add(connection);
      heartbeat.start();
      expiry.watch(connection, connection.pass.expiry);
      if (maxConnectionMs === null) return;
      // Drawn, as those who came together would come back together.
      const lifeMs = drawMs([maxConnectionMs * SHORTEST_LIFE, maxConnectionMs], environment.random);
      ages.watch(connection, momentIn(lifeMs, environment));
    },
    entrust(connection, pass) {
      connection.pass = pass;
      expiry.move(connection, pass.expiry);
    },
    expire(target) {
      const due = [...connectionsBy(target)].filter((connection) => !connection.isOver());
      endAll("expired", due);
      return due.length;
    },
    remove(connection) {
      connections.delete(connection);
      byId.delete(connection.id);
      directory.remove(connection);
      expiry.forget(connection);
      ages.forget(connection);
      if (connections.size > 0) return;
      heartbeat.stop();
      onEmpty?.();
      onEmpty = undefined;
    },
    whenEmpty(run) {
      if (connections.size === 0) run();
      else onEmpty = run;
    },
  };
}
