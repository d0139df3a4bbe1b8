import type { Connection } from "./connection.ts";
import type { Environment } from "./environment.ts";
import type { Position } from "./event-id.ts";
import { createHeartbeat } from "./heartbeat.ts";

/** Every open connection of a hub, and the timer that exists as long as there is one. */
export interface ConnectionPool {
  readonly connections: ReadonlySet<Connection>;
  /** The connection of that name, as `sse.hello` told it. */
  find(id: string): Connection | undefined;
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** Calls back once when no connection is left, at once if there is none now. */
  whenEmpty(run: () => void): void;
}

/** Creates an empty pool. `flush` runs before the connections get their turn and returns up to where it has written. */
export function createConnectionPool(
  environment: Environment,
  timing: { readonly heartbeatMs: number | null; readonly stallMs: number },
  flush: () => Position,
): ConnectionPool {
  const connections = new Set<Connection>();
  const byId = new Map<string, Connection>();
  let onEmpty: (() => void) | undefined;
  const heartbeat = createHeartbeat({
    ...timing,
    environment,
    onTick(now, graceMs) {
      const flushedTo = flush();
      for (const connection of connections) connection.tick(now, graceMs, flushedTo);
    },
  });

  return {
    connections,
    find: (id) => byId.get(id),
    add(connection) {
      connections.add(connection);
      byId.set(connection.id, connection);
      heartbeat.start();
    },
    remove(connection) {
      connections.delete(connection);
      byId.delete(connection.id);
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
