import type { Counters } from "./counters.ts";
import type { AnyChannelDefinitions, ChannelDefinitions, ChannelInput, ChannelName } from "./define-channels.ts";
import { HubClosedError } from "./errors.ts";
import { formatEventId } from "./event-id.ts";
import type { Log } from "./log.ts";
import type { Publication, PublishOptions } from "./publication.ts";

/** A published event. */
export interface Published<Id extends string | undefined = string> {
  /** Its id, `<epoch>.<pos>`; an ephemeral event has none. */
  readonly id: Id;
}

/** Publishes events to some recipients. */
export interface Publisher<Definitions extends ChannelDefinitions = AnyChannelDefinitions> {
  /**
   * Publishes an event. With the in-memory log it is recorded before this returns. Rejects when the log fails or the
   * hub is closed.
   *
   * @throws {UnknownChannelError | ChannelNameError | ReservedEventError | InvalidDataError | PayloadTooLargeError} at
   * once, when the event cannot be published.
   *
   * @example
   * await hub.publish("orders", { id: "17", state: "paid" });
   */
  publish<Name extends ChannelName<Definitions>>(
    channel: Name,
    data: ChannelInput<Definitions, Name>,
    options?: PublishOptions & { readonly raw?: false; readonly ephemeral?: false },
  ): Promise<Published>;
  /** Publishes a string as it is. */
  publish(
    channel: ChannelName<Definitions>,
    data: string,
    options: PublishOptions & { readonly raw: true; readonly ephemeral?: false },
  ): Promise<Published>;
  /** Publishes an event that is not kept. */
  publish<Name extends ChannelName<Definitions>>(
    channel: Name,
    data: ChannelInput<Definitions, Name>,
    options: PublishOptions & { readonly raw?: false; readonly ephemeral: true },
  ): Promise<Published<undefined>>;
  /** Publishes a string that is not kept. */
  publish(
    channel: ChannelName<Definitions>,
    data: string,
    options: PublishOptions & { readonly raw: true; readonly ephemeral: true },
  ): Promise<Published<undefined>>;
}

/** Publishes ephemeral events to one open stream, whatever channels it carries. */
export interface ConnectionPublisher<Definitions extends ChannelDefinitions = AnyChannelDefinitions> {
  /**
   * Resolves at the end of the tick: with true when the event has been handed over, with false when no such stream is open
   * in this hub, or it is behind or full.
   *
   * @throws what `hub.publish` throws.
   */
  publish<Name extends ChannelName<Definitions>>(
    channel: Name,
    data: ChannelInput<Definitions, Name>,
    options?: { readonly raw?: false },
  ): Promise<boolean>;
  /** Sends a string as it is. */
  publish(channel: ChannelName<Definitions>, data: string, options: { readonly raw: true }): Promise<boolean>;
}

/** What {@link createPublish} needs. */
export interface PublishConfig {
  readonly publication: Publication;
  readonly log: Log;
  readonly counters: Counters;
  isClosed(): boolean;
}

/** Creates what publishes to those who listen to the channel, or to an address. */
export function createPublish({ publication, log, counters, isClosed }: PublishConfig) {
  return (to?: string): Publisher["publish"] =>
    (channel: string, data: unknown, options: PublishOptions = {}) => {
      const record = publication(channel, data, options);
      if (isClosed()) return Promise.reject(new HubClosedError());
      return log.append(to === undefined ? record : { ...record, to }).then((position) => {
        counters.published++;
        // What the overloads promise depends on the options.
        return { id: record.ephemeral ? undefined : formatEventId(log.epoch, position) };
      }) as Promise<never>;
    };
}
