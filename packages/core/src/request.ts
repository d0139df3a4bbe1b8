import type { ClientOptions, PerAttempt, RequestContext } from "./options.ts";
import type { TransportRequest } from "./transport/transport.ts";

/**
 * The request of one attempt. Rejects with whatever the user's functions throw.
 *
 * @param channels - called when everything else is known: what the server is to be asked for, or `null` for everything
 */
export async function resolveRequest(
  options: Pick<
    ClientOptions,
    "url" | "query" | "headers" | "method" | "body" | "withCredentials" | "maxEventChars" | "flushAtEnd" | "resumeBy"
  >,
  context: RequestContext,
  channels: () => readonly string[] | null,
): Promise<TransportRequest> {
  const resolve = async <V>(value: PerAttempt<V>): Promise<V> =>
    typeof value === "function" ? (value as (context: RequestContext) => V | Promise<V>)(context) : value;
  const [url, query, headers, method, body] = await Promise.all([
    resolve(options.url),
    resolve(options.query),
    resolve(options.headers),
    resolve(options.method),
    resolve(options.body),
  ]);
  const names = channels();
  const byQuery = options.resumeBy === "query";
  return {
    ...options,
    ...context,
    url: withQuery(`${url}`, {
      ...query,
      ...(names && { channels: names.join() }),
      ...(byQuery && context.lastEventId && { lastEventId: context.lastEventId }),
    }),
    lastEventId: byQuery ? "" : context.lastEventId,
    headers,
    method: method ?? (body ? "POST" : "GET"),
    body,
  };
}

/** Sets parameters of a URL that may be relative to the page; those it has by the same names are replaced. */
export function withQuery(url: string, parameters: Readonly<Record<string, string>>): string {
  const entries = Object.entries(parameters);
  // As given: spelt in another way a signed URL is not valid any more.
  if (!entries[0]) return url;
  const [, path, search, hash] = /^([^?#]*)\??([^#]*)(.*)$/s.exec(url)!;
  const query = new URLSearchParams(search);
  for (const [name, value] of entries) query.set(name, value);
  return `${path}?${query}${hash}`;
}
