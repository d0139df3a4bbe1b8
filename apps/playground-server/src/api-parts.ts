import type { IncomingMessage, ServerResponse } from "node:http";
import type { Admission } from "./admission.ts";
import type { Faults } from "./faults.ts";
import type { Jobs } from "./jobs.ts";
import type { LiveHub } from "./live-hub.ts";
import type { Publisher } from "./publisher.ts";

/** What the API operates. */
export interface ApiParts {
  readonly live: LiveHub;
  readonly faults: Faults;
  readonly publisher: Publisher;
  readonly admission: Admission;
  readonly jobs: Jobs;
}

/** What it returns is sent as JSON, unless it has answered itself. */
export type Handler = (req: IncomingMessage, url: URL, res: ServerResponse) => unknown;
