import type { ApiParts, Handler } from "./api-parts.ts";
import { requireGuest } from "./guests.ts";
import { readJson } from "./json.ts";
import { CancelJob, StartJob } from "./request-bodies.ts";

/** Long tasks of whoever asks. */
export function createJobRoutes({ jobs }: Pick<ApiParts, "jobs">): Readonly<Record<string, Handler>> {
  return {
    async "POST /api/jobs"(req, url) {
      const { fails } = await readJson(req, StartJob);
      return jobs.start(requireGuest(url), fails);
    },
    async "POST /api/jobs/cancel"(req, url) {
      const { id } = await readJson(req, CancelJob);
      return jobs.cancel(requireGuest(url), id);
    },
  };
}
