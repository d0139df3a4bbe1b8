import { type APIRequestContext, expect } from "@playwright/test";

/** Time between two rounds of trades where a test does not ask for another. */
export const TICK_MS = 50;

/** What the hub published. */
export interface PublishedEvent {
  readonly id: string;
  readonly channel: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface PublishedLog {
  readonly epoch: string;
  readonly forgotten: number;
  readonly events: readonly PublishedEvent[];
}

interface FaultCounters {
  readonly drops: number;
  readonly midFrame: number;
  readonly midReplay: number;
}

/** What tests operate and ask of the server behind the page. */
export interface PlaygroundServer {
  setTick(tickMs: number | null): Promise<void>;
  log(): Promise<PublishedLog>;
  faults(): Promise<FaultCounters>;
  drop(): Promise<void>;
  cut(afterBytes: number): Promise<void>;
  cutNext(afterBytes: number): Promise<void>;
  connections(): Promise<number>;
  /** Where the tasks of a guest stand, the oldest first. */
  jobs(guest: string): Promise<readonly { readonly status: string; readonly percent: number }[]>;
  /** What stays broken until it is switched off. */
  setSwitches(switches: { readonly buffer?: boolean; readonly snapshotFails?: boolean }): Promise<void>;
}

export function createPlaygroundServer(request: APIRequestContext): PlaygroundServer {
  const get = async (path: string) => {
    const response = await request.get(path);
    expect(response.status(), path).toBe(200);
    return response.json();
  };
  const post = async (path: string, data: object) => {
    const response = await request.post(path, { data });
    expect(response.status(), path).toBe(200);
  };
  return {
    setTick: (tickMs) => post("/api/rate", { tickMs }),
    log: () => get("/api/log"),
    faults: () => get("/api/faults"),
    drop: () => post("/api/faults/drop", {}),
    cut: (afterBytes) => post("/api/faults/cut", { afterBytes }),
    cutNext: (afterBytes) => post("/api/faults/cut", { afterBytes, next: true }),
    setSwitches: (switches) => post("/api/faults/switches", switches),
    jobs: async (guest) => (await get(`/api/snapshot/jobs?user=${guest}`)).data,
    connections: async () => (await get("/api/stats")).connections,
  };
}
