import type { ChannelMap } from "./channels/define-channels.ts";
import type { ClientView, SSEClient } from "./client.ts";
import { acquireClient, type SharedClientOptions } from "./registry.ts";
import { endAll } from "./store/listeners.ts";
import type { Readable } from "./store/readable.ts";

/** What a component that names a URL or a client shows. */
export interface FoundClient<T extends ChannelMap = ChannelMap> {
  readonly client: SSEClient<T>;
  /** The client's view. Subscribing to that of a client found by its URL keeps the connection open. */
  readonly view: Readable<ClientView<T>>;
}

/**
 * For adapters whose components run once: called again and again with what the component names now, it returns the same
 * object for as long as that is the same client, or the same URL and `key`. Options of a later call reach the client by
 * {@link SharedClient.update}.
 *
 * @example
 * const find = createClientFinder();
 * const { client, view } = find("/events", { headers });
 */
export function createClientFinder<T extends ChannelMap = ChannelMap>() {
  let last: (FoundClient<T> & { id: unknown; update?(options: SharedClientOptions<T>): void }) | undefined;
  /** @throws SSEError `invalid-option` */
  return (source: string | URL | SSEClient<T>, options: SharedClientOptions<T> = {}): FoundClient<T> => {
    const id = isClient(source) ? source : `${source}\n${options.key}`;
    if (last?.id === id) last.update?.(options);
    else if (isClient(source)) last = { id, client: source, view: source.view };
    else {
      const { client, update } = acquireClient(source, options);
      const { view } = client;
      last = {
        id,
        client,
        view: { ...view, subscribe: (onChange) => endAll(client.retain(), view.subscribe(onChange)) },
        update,
      };
      // A client that is known already has the options of whoever made it.
      update(options);
    }
    return last;
  };
}

function isClient<T extends ChannelMap>(source: string | URL | SSEClient<T>): source is SSEClient<T> {
  return !!(source as SSEClient<T>).view;
}
