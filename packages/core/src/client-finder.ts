import type { ChannelMap } from "./channels/define-channels.ts";
import type { ClientView, SSEClient } from "./client.ts";
import { acquireClient, findSharedClient, type SharedClient, type SharedClientOptions } from "./registry.ts";
import { endAll } from "./store/listeners.ts";
import type { Readable } from "./store/readable.ts";

/** What a component that names a URL or a client shows. */
export interface FoundClient<T extends ChannelMap = ChannelMap> {
  readonly client: SSEClient<T>;
  /** The client's view. Subscribing to that of a client found by its URL keeps the connection open. */
  readonly view: Readable<ClientView<T>>;
}

/**
 * For adapters whose components run once: a function to be called again and again with what the component names now. It
 * returns the same object for as long as that is the same client, or the same URL and `key`; these may have got another
 * client while nobody retained the one found. Options reach a client that is found by its URL as
 * {@link SharedClient.update} says, with every call; they do nothing to a client that is given.
 *
 * What the function returns throws `SSEError` `invalid-option` for what cannot be used, and goes on from what it found last.
 *
 * @example
 * const find = createClientFinder();
 * const { client, view } = find("/events", { headers });
 */
export function createClientFinder<T extends ChannelMap = ChannelMap>(): (
  source: string | URL | SSEClient<T>,
  options?: SharedClientOptions<T>,
) => FoundClient<T> {
  let last: unknown;
  let found: FoundClient<T>;
  let update: SharedClient<T>["update"] | undefined;
  return (source, options = {}) => {
    const isClient = !!(source as SSEClient<T>).view;
    const id = isClient ? source : JSON.stringify([source, options.key || ""]);
    // One that was idle for a while is not the URL's any more, and another one may be.
    const current = isClient ? undefined : findSharedClient<T>(source as string | URL, options.key);
    if (last !== id || (current && current !== found.client)) {
      // It may throw: nothing has changed until then.
      const shared = isClient ? undefined : acquireClient(source as string | URL, options);
      const client = shared?.client ?? (source as SSEClient<T>);
      const { view } = client;
      const subscribe = (onChange: () => void) => endAll(client.retain(), view.subscribe(onChange));
      found = { client, view: shared ? { ...view, subscribe } : view };
      update = shared?.update;
      last = id;
    }
    // The first time too: a client that is known already has the options of whoever made it.
    update?.(options);
    return found;
  };
}
