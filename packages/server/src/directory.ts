import type { Connection } from "./connection.ts";

/** What is known of an open stream. */
export interface ConnectionInfo {
  /** Its name, `conn` in `sse.hello`. Whoever knows it can change the stream's channels: do not show it to others. */
  readonly id: string;
  /** Whose it is; `undefined` when nobody said. */
  readonly user: string | undefined;
  /** Address of the client, as far as it is known. */
  readonly ip: string | undefined;
  /** Names and patterns it carries, sorted. */
  readonly channels: readonly string[];
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
}

/** The open streams by user. */
export interface Directory {
  /** Number of users with an open stream. */
  readonly users: number;
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** The user's streams, the oldest first. */
  of(user: string): ConnectionInfo[];
}

/** Describes a stream as it is now. */
export function describeConnection(connection: Connection): ConnectionInfo {
  const { id, pass, connectedAt } = connection;
  const { user, ip } = pass;
  return { id, user, ip, channels: connection.group().subscription.channels, connectedAt };
}

/** Creates an empty directory. */
export function createDirectory(): Directory {
  const byUser = new Map<string, Set<Connection>>();
  return {
    get users() {
      return byUser.size;
    },
    add(connection) {
      const { user } = connection.pass;
      if (user === undefined) return;
      const own = byUser.get(user);
      if (own) own.add(connection);
      else byUser.set(user, new Set([connection]));
    },
    remove(connection) {
      const { user } = connection.pass;
      const own = user === undefined ? undefined : byUser.get(user);
      own?.delete(connection);
      if (own?.size === 0) byUser.delete(user!);
    },
    of: (user) => [...(byUser.get(user) ?? [])].map(describeConnection),
  };
}
