import type { IncomingMessage } from "node:http";
import type { Admission } from "./admission.ts";
import type { Faults } from "./faults.ts";
import type { LiveHub } from "./live-hub.ts";
import type { Publisher } from "./publisher.ts";

/** What the API operates. */
export interface ApiParts {
  readonly live: LiveHub;
  readonly faults: Faults;
  readonly publisher: Publisher;
  readonly admission: Admission;
}

/** What it returns is sent as JSON. */
export type Handler = (req: IncomingMessage, url: URL) => unknown;
