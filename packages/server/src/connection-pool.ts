import type { Connection } from "./connection.ts";
import type { Environment } from "./environment.ts";
import { createHeartbeat } from "./heartbeat.ts";

/** Every open connection of a hub, and the timer that exists as long as there is one. */
export interface ConnectionPool {
  readonly connections: ReadonlySet<Connection>;
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** Calls back once when no connection is left, at once if there is none now. */
  whenEmpty(run: () => void): void;
}

/** Creates an empty pool. `beforeTick` runs before the connections get their turn. */
export function createConnectionPool(
  environment: Environment,
  timing: { readonly heartbeatMs: number | null; readonly stallMs: number },
  beforeTick: () => void,
): ConnectionPool {
  const connections = new Set<Connection>();
  let onEmpty: (() => void) | undefined;
  const heartbeat = createHeartbeat({
    ...timing,
    environment,
    onTick(now, graceMs) {
      beforeTick();
      for (const connection of connections) connection.tick(now, graceMs);
    },
  });

  return {
    connections,
    add(connection) {
      connections.add(connection);
      heartbeat.start();
    },
    remove(connection) {
      connections.delete(connection);
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
