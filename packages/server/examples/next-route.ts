import type { Hub } from "@x/sse-server";

/**
 * The functions of a Next route handler. Next does not cache one that reads its request, so it needs no `dynamic`; nor a
 * `runtime`, as `nodejs` is the default and the one where all requests share a hub.
 *
 * @example
 * // app/events/route.ts
 * export const { GET, POST, OPTIONS } = createRoute(hub);
 *
 * @example
 * // lib/hub.ts: Next loads a module again for every bundle and every change, so the hub is kept outside of them.
 * const create = () => createHub({ channels });
 * const kept = globalThis as { hub?: ReturnType<typeof create> };
 * export const hub = (kept.hub ??= create());
 */
export function createRoute(hub: Pick<Hub, "fetch">) {
  const answer = (request: Request): Promise<Response> => hub.fetch(request);
  return { GET: answer, POST: answer, OPTIONS: answer };
}
