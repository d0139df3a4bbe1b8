import { defaults } from "./defaults.ts";
import type { ClientOptions, PerAttempt, RequestContext } from "./options.ts";
import type { TransportRequest } from "./transport/transport.ts";

type RequestOptions = Pick<ClientOptions, "url" | "headers" | "withCredentials" | "maxEventChars">;

/** The request of one attempt. Rejects with whatever the user's functions throw. */
export async function resolveRequest(
  { url, headers = {}, withCredentials = false, maxEventChars = defaults.maxEventChars }: RequestOptions,
  context: RequestContext,
): Promise<TransportRequest> {
  const resolve = <V extends string | object>(value: PerAttempt<V>): V | Promise<V> =>
    typeof value === "function" ? (value as (context: RequestContext) => V | Promise<V>)(context) : value;
  return {
    ...context,
    url: `${await resolve(url)}`,
    headers: await resolve(headers),
    withCredentials,
    maxEventChars,
  };
}
