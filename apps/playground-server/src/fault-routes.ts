import type { ApiParts, Handler } from "./api-parts.ts";
import { readJson } from "./json.ts";
import { Cut, Nothing, Overload, Switches } from "./request-bodies.ts";

/** Whatever can be broken on purpose. */
export interface FaultRoutes {
  readonly routes: Readonly<Record<string, Handler>>;
  /** Whether snapshots are to be answered with an error. */
  failsSnapshots(): boolean;
}

export function createFaultRoutes({ live, faults, publisher, admission, jobs }: ApiParts): FaultRoutes {
  let snapshotFails = false;
  const switches = () => ({ buffer: faults.isBuffering, snapshotFails });

  /** A refusal shows only where somebody asks, so everyone has to ask again. */
  async function refuse(change: () => void) {
    change();
    return { streams: faults.drop() };
  }

  const routes: FaultRoutes["routes"] = {
    "GET /api/faults": () => faults.counters,
    async "POST /api/faults/drop"(req) {
      await readJson(req, Nothing);
      return { streams: faults.drop() };
    },
    async "POST /api/faults/cut"(req) {
      const { afterBytes, next } = await readJson(req, Cut);
      if (!next) return { streams: faults.cut(afterBytes) };
      faults.cutNext(afterBytes);
      return { streams: 0 };
    },
    async "POST /api/faults/stall"(req) {
      await readJson(req, Nothing);
      return { streams: faults.stall() };
    },
    async "POST /api/faults/expire-token"(req) {
      await readJson(req, Nothing);
      return refuse(admission.expireTokens);
    },
    async "POST /api/faults/overload"(req) {
      const { seconds } = await readJson(req, Overload);
      return refuse(() => admission.overload(seconds));
    },
    "GET /api/faults/switches": switches,
    async "POST /api/faults/switches"(req) {
      const given = await readJson(req, Switches);
      const { buffer = faults.isBuffering } = given;
      snapshotFails = given.snapshotFails ?? snapshotFails;
      const begins = buffer && !faults.isBuffering;
      faults.setBuffering(buffer);
      // What is open already gets through; only new streams are held back.
      if (begins) faults.drop();
      return switches();
    },
    async "POST /api/hub/restart"(req) {
      await readJson(req, Nothing);
      faults.abandon();
      jobs.interrupt();
      live.restart();
      publisher.publishAll();
      jobs.tellAgain();
      return { epoch: live.current.epoch };
    },
  };
  return { routes, failsSnapshots: () => snapshotFails };
}
