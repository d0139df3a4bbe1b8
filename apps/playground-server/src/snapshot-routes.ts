import type { ApiParts, Handler } from "./api-parts.ts";
import type { channels } from "./channels.ts";
import { requireGuest } from "./guests.ts";
import { RequestError } from "./json.ts";

/**
 * All that a channel holds now, with the id at which that was taken.
 *
 * @param fails - whether they are to be answered with an error
 */
export function createSnapshotRoutes(
  { live, jobs }: Pick<ApiParts, "live" | "jobs">,
  fails: () => boolean,
): Readonly<Record<string, Handler>> {
  const pictures: Record<keyof typeof channels, (url: URL) => unknown> = {
    ticker: () => live.picture("ticker"),
    services: () => live.picture("services"),
    server: () => ({ data: [live.figures()], id: live.current.head }),
    jobs: (url) => ({ data: jobs.of(requireGuest(url)), id: live.current.head }),
  };
  const routes = Object.entries(pictures).map(([name, take]): [string, Handler] => [
    `GET /api/snapshot/${name}`,
    (_req, url) => {
      if (fails()) throw new RequestError(500, "Snapshots fail, as they were told to.");
      return take(url);
    },
  ]);
  return Object.fromEntries(routes);
}
