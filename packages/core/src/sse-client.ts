import type { ChannelMap } from "./channels/define-channels.ts";
import type { SSEClient } from "./client.ts";
import { createClient } from "./create-client.ts";
import type { ClientOptions } from "./options.ts";
import { createFetchTransport } from "./transport/fetch-transport.ts";

/**
 * Makes a client. It connects when something subscribes to a channel, not before.
 *
 * @throws SSEError `invalid-option` for an option that is missing, misspelt or of the wrong kind; in a production bundle for
 * the URL only
 * @example
 * const client = createSSEClient({ url: "/events", channels });
 * const stop = client.channel("prices").on(({ data }) => console.log(data.symbol, data.price));
 */
export function createSSEClient<T extends ChannelMap = ChannelMap>(options: ClientOptions<T>): SSEClient<T> {
  return createClient(options, createFetchTransport);
}
