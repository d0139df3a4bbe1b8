import type { Gap } from "../connection/status.ts";
import type { Wanted } from "../connection/wanted.ts";
import type { Environment } from "../environment.ts";
import type { TransportRequest } from "../transport/transport.ts";
import type { Cursor } from "./cursor.ts";
import type { Delivery } from "./delivery.ts";
import type { Router } from "./router.ts";

/** Has the stream carry the channels that are wanted. */
export interface Subscription {
  /**
   * A request is being made.
   *
   * @param signal - aborted when its stream is over
   * @returns what it is to ask for; `null`: everything
   */
  request(signal?: AbortSignal): string[] | null;
  /** Whether the stream was asked to carry the channel, and has not said no to it: what comes from now on is complete. */
  carries(channel: string): boolean;
  /** Other channels are wanted. */
  change(): void;
  /** A stream of the contract has begun. @param conn - its name */
  hello(conn: string): void;
  /** The stream carries one more channel. */
  subscribed(channel: string): void;
}

/** What a way of subscribing may use of its client. */
export interface SubscriptionContext {
  readonly environment: Environment;
  readonly wanted: Wanted;
  readonly cursor: Cursor;
  readonly router: Router;
  readonly delivery: Delivery;
  /** Replaces an attempt or a stream that is under way by one with a new request. */
  renew(): void;
  /** A request as it would be made for a stream. Rejects with whatever the user's functions throw. */
  resolve(): Promise<TransportRequest>;
  /** Some channels have lost messages. */
  lose(gap: Gap): void;
  /** Tells a channel whether it is among those that the server lets this client have. */
  judge(channel: string, granted: readonly string[]): void;
}

/** Makes a way of subscribing: `query()` or `dynamic()`. */
export type SubscriptionFactory = (context: SubscriptionContext) => Subscription;
