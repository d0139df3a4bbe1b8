import type { Readable } from "../store/readable.ts";
import type { ConnectionState } from "./status.ts";
import type { Wanted } from "./wanted.ts";

/** What a connection gives to its client. */
export interface Connection {
  readonly status: Readable<ConnectionState>;
  /** The cursor changed; the status shows it from the next flush on. */
  touch(): void;
  /** Whatever is wanted keeps the connection open. */
  readonly wanted: Wanted;
  connect(): void;
  reconnect(): void;
  disconnect(): void;
  pause(reason?: string): void;
  resume(reason?: string): void;
  /**
   * Replaces an attempt or a stream that is under way by one with a new request; whatever else is under way will make one.
   *
   * @param isForced - what waits or was refused tries again at once, too
   */
  renew(isForced?: boolean): void;
}
