import type { Acceptor } from "./acceptor.ts";
import type { ChannelChanger } from "./channel-changer.ts";
import type { ChannelRegistry } from "./channel-registry.ts";
import type { JsonAnswer } from "./json-answer.ts";
import type { Poller, PollOutcome } from "./poller.ts";
import type { Sink, SinkEvents } from "./sink.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { StreamRequest } from "./stream-request.ts";

/** What a hub does for the targets, whatever the platform a request came from. Everything throws for wrong options. */
export interface Endpoint {
  /** True from `hub.close()` on: a connection kept for further requests would only hold up the server. */
  readonly isClosing: boolean;
  /** Opens a stream on whatever sink `openSink` provides. It calls `openSink` once, or throws before it does. */
  openStream(request: StreamRequest, options: StreamOptions, openSink: (events: SinkEvents) => Sink): void;
  /** Answers a poll, or holds it. */
  poll(request: StreamRequest, options: StreamOptions): PollOutcome;
  /** Gets ready to change the channels of a stream as the body of the request asks. */
  prepareChange(options: StreamOptions): (body: unknown) => JsonAnswer;
}

/** What {@link createEndpoint} needs. */
export interface EndpointConfig {
  readonly registry: ChannelRegistry;
  readonly acceptor: Acceptor;
  readonly poller: Poller;
  readonly changeChannels: ChannelChanger;
  /** Over how long streams are being ended; `undefined` while the hub is not closing. */
  spreadMs(): number | undefined;
}

/** Creates the endpoint of a hub. */
export function createEndpoint({ registry, acceptor, poller, changeChannels, spreadMs }: EndpointConfig): Endpoint {
  return {
    get isClosing() {
      return spreadMs() !== undefined;
    },
    openStream(request, { channels }, openSink) {
      const authorised = registry.authorise(channels);
      const spread = spreadMs();
      if (spread === undefined) acceptor.accept(request, authorised, openSink);
      else acceptor.turnAway(spread, openSink);
    },
    poll: (request, { channels }) => poller.poll(request, registry.authorise(channels)),
    prepareChange({ channels }) {
      const authorised = registry.authorise(channels);
      return (body) => changeChannels(body, authorised);
    },
  };
}
