import type { ChannelMap } from "../channels/define-channels.ts";
import type { SSEClient } from "../client.ts";
import { createClient } from "../create-client.ts";
import type { ClientOptions } from "../options.ts";
import { native } from "./native.ts";

/**
 * Makes a client that reads its stream with the browser's `EventSource`, for what {@link native} can do; a little smaller
 * than one of `createSSEClient`.
 *
 * @throws SSEError `invalid-option`, also for a channel that is a pattern
 * @example
 * const client = createNativeSSEClient({ url: "/events", channels });
 * const stop = client.channel("prices").on(({ data }) => console.log(data.symbol, data.price));
 */
export function createNativeSSEClient<T extends ChannelMap = ChannelMap>(options: ClientOptions<T>): SSEClient<T> {
  return createClient(options, native());
}
