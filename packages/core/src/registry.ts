import type { ChannelMap } from "./channels/define-channels.ts";
import type { SSEClient } from "./client.ts";
import { toUrl } from "./environment.ts";
import type { ClientOptions } from "./options.ts";
import { createSSEClient } from "./sse-client.ts";

/** Options of a client that is found by its URL. */
export type SharedClientOptions<T extends ChannelMap = ChannelMap> = Omit<ClientOptions<T>, "url">;

/** A client shared by everything on the page that names the same URL and `key`. */
export interface SharedClient<T extends ChannelMap = ChannelMap> {
  readonly client: SSEClient<T>;
  /** Replaces the options that a client reads whenever it needs them: functions and what belongs to the request. */
  update(options: SharedClientOptions<T>): void;
}

// Bundlers replace `process.env.NODE_ENV`; the types of Node.js are not needed for that.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

// With connection/refresh.ts the only module state here: `useSSE(url)` in two components has nowhere else to meet.
const clients = new Map<string, Entry>();

/** In place of a fingerprint: one warning is enough. */
const WARNED = "";

/** Options that are read whenever a request is made. */
const blank = {
  query: undefined,
  headers: undefined,
  method: undefined,
  body: undefined,
  onUnauthorized: undefined,
} satisfies SharedClientOptions;

interface Entry<T extends ChannelMap = ChannelMap> extends SharedClient<T> {
  /** The options it was made with; kept during development only. */
  fingerprint?: string;
}

/**
 * The client of a URL, made on first use and forgotten when its linger time ends with nobody retaining it (one that a
 * user has disconnected is kept, so that it stays so). On a server every call makes a new one: two requests never meet.
 *
 * The first caller's options make the client; different ones of a later caller are ignored, with a warning during
 * development.
 *
 * @throws SSEError `invalid-option`
 */
export function acquireClient<T extends ChannelMap = ChannelMap>(
  url: string | URL,
  options: SharedClientOptions<T> = {},
): SharedClient<T> {
  const pageUrl = toUrl(url);
  const id = [pageUrl, options.key].join(" ");
  const known = clients.get(id) as Entry<T> | undefined;
  if (known) {
    warnOfDifference(url, known, options);
    return known;
  }
  const clientOptions: ClientOptions<T> = { ...options, url };
  const client = createSSEClient(clientOptions);
  const entry: Entry<T> = {
    client,
    // What is not given any more is not used any more: signing out takes the headers away.
    update: (next) => void Object.assign(clientOptions, blank, next),
  };
  warnOfDifference(url, entry, options);
  if (!pageUrl) return entry;
  clients.set(id, entry as unknown as Entry);
  // Idle means that the linger time has ended. Whoever still holds the client and retains it shares it again.
  client.status.subscribe(() => {
    // Another client may have taken its place.
    if ((clients.get(id) ?? entry) !== entry) return;
    if (client.status.get().status === "idle") clients.delete(id);
    else clients.set(id, entry as unknown as Entry);
  });
  return entry;
}

/** The client that a URL and `key` have now, if there is one. */
export function findSharedClient<T extends ChannelMap>(
  url: string | URL,
  key: SharedClientOptions<T>["key"],
): SSEClient<T> | undefined {
  return (clients.get([toUrl(url), key].join(" ")) as Entry<T> | undefined)?.client;
}

/** Remembers the options of the first caller and compares those of the later ones. Empty in a production bundle. */
function warnOfDifference<T extends ChannelMap>(
  url: string | URL,
  known: Entry<T>,
  options: SharedClientOptions<T>,
): void {
  try {
    if (process.env["NODE_ENV"] !== "production") {
      const { contract, retry, lingerMs, retain, channels = {} } = options;
      const fingerprint = JSON.stringify([contract, retry, lingerMs, retain, Object.keys(channels)]);
      known.fingerprint ??= fingerprint;
      if (known.fingerprint === fingerprint || known.fingerprint === WARNED) return;
      known.fingerprint = WARNED;
      console.warn(
        `useSSE("${url}") got other options than the client of that URL was made with. They are ignored: use the same options everywhere, or tell the two apart with "key".`,
      );
    }
  } catch {
    // No `process`: a browser without a bundler, where nobody can tell development from production.
  }
}
