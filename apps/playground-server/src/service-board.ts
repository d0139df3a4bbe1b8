import type { Service } from "./channels.ts";
import { serviceNames } from "./listings.ts";
import { pick, type Random } from "./random.ts";

/** Makes up how services are doing. */
export interface ServiceBoard {
  /** The state of every service. */
  all(at: number): Service[];
  /** One service whose state has changed. */
  next(at: number): Service;
}

const notes: Readonly<Record<Service["state"], readonly [string, ...string[]]>> = {
  operational: ["All checks pass"],
  degraded: ["Slow answers", "Some requests fail", "Working through a backlog"],
  down: ["No answer", "Stopped for repair"],
};

// Down is never reached, and never left, in one step: boards that jump look broken themselves.
const following: Readonly<Record<Service["state"], readonly [Service["state"], ...Service["state"][]]>> = {
  operational: ["degraded"],
  degraded: ["operational", "operational", "down"],
  down: ["degraded"],
};

/** The same `random` gives the same changes. */
export function createServiceBoard(random: Random): ServiceBoard {
  const services = new Map<string, Omit<Service, "name" | "at">>(
    serviceNames.map((name) => [name, { state: "operational", note: notes.operational[0] }]),
  );

  return {
    all: (at) => [...services].map(([name, service]) => ({ name, ...service, at })),
    next(at) {
      const troubled = serviceNames.filter((name) => services.get(name)?.state !== "operational");
      // What is wrong gets repaired before much else breaks.
      const [first = pick(serviceNames, random), ...rest] = random() < 0.75 ? troubled : [];
      const name = pick([first, ...rest], random);
      const state = pick(following[services.get(name)?.state ?? "operational"], random);
      const service = { state, note: pick(notes[state], random) };
      services.set(name, service);
      return { name, ...service, at };
    },
  };
}
