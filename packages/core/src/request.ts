import type { ClientOptions, PerAttempt, RequestContext } from "./options.ts";
import type { TransportRequest } from "./transport/transport.ts";

/** The request of one attempt. Rejects with whatever the user's functions throw. */
export async function resolveRequest(
  options: Pick<ClientOptions, "url" | "headers" | "withCredentials" | "maxEventChars">,
  context: RequestContext,
): Promise<TransportRequest> {
  const resolve = <V extends string | object | undefined>(value: PerAttempt<V>): V | Promise<V> =>
    typeof value === "function" ? (value as (context: RequestContext) => V | Promise<V>)(context) : value;
  return {
    ...options,
    ...context,
    url: `${await resolve(options.url)}`,
    headers: await resolve(options.headers),
  };
}
