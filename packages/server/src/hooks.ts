import type { Connection } from "./connection.ts";
import { type ConnectionInfo, describeConnection } from "./directory.ts";
import type { DisconnectReason } from "./disconnect-reason.ts";
import type { LogStatus } from "./log-status.ts";
import type { Reporter } from "./reporter.ts";

/** Tells the application of streams that come and go, and of the log. Its errors end nothing. */
export interface Hooks {
  connected(connection: Connection): void;
  disconnected(connection: Connection, reason: DisconnectReason): void;
  statusChanged(status: LogStatus, previous: LogStatus): void;
}

/** What {@link createHooks} needs. */
export interface HooksConfig {
  readonly onConnect: ((connection: ConnectionInfo) => unknown) | undefined;
  readonly onDisconnect: ((connection: ConnectionInfo, reason: DisconnectReason) => unknown) | undefined;
  readonly onStatus: ((status: LogStatus, previous: LogStatus) => unknown) | undefined;
}

/** Creates the hooks of a hub. */
export function createHooks({ onConnect, onDisconnect, onStatus }: HooksConfig, { guard }: Reporter): Hooks {
  return {
    connected(connection) {
      if (onConnect) guard(() => onConnect(describeConnection(connection)));
    },
    disconnected(connection, reason) {
      if (onDisconnect) guard(() => onDisconnect(describeConnection(connection), reason));
    },
    statusChanged(status, previous) {
      if (onStatus) guard(() => onStatus(status, previous));
    },
  };
}
