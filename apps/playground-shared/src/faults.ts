import { ask, post } from "./ask.ts";
import type { Outcome } from "./outcome.ts";

/** Something that can be broken on purpose. */
export interface Fault {
  readonly name: string;
  readonly label: string;
  /** What it does, for whoever sees it for the first time. */
  readonly meaning: string;
  readonly pending: string;
  readonly done: string;
  readonly path: string;
  readonly body: object;
}

/** Something that stays broken until it is switched off. */
export interface FaultSwitch extends Pick<Fault, "label" | "meaning"> {
  readonly name: "buffer" | "snapshotFails";
  readonly testId: string;
}

export type SwitchStates = Readonly<Record<FaultSwitch["name"], boolean>>;

export const faults: readonly Fault[] = [
  {
    name: "drop",
    label: "Drop link",
    meaning: "Cuts the connection. The page comes back and misses nothing.",
    pending: "Dropping…",
    done: "The server dropped the link.",
    path: "/api/faults/drop",
    body: {},
  },
  {
    name: "cut",
    label: "Cut mid-frame",
    meaning: "Cuts inside an event. The torn half is not used; the whole comes again.",
    pending: "Cutting…",
    done: "The next event will be cut in the middle.",
    path: "/api/faults/cut",
    // Shorter than any event, so the cut cannot fall between two.
    body: { afterBytes: 40 },
  },
  {
    name: "stall",
    label: "Go silent",
    meaning: "Keeps the link but sends nothing. Noticed after 3 s, replaced after 5 s.",
    pending: "Silencing…",
    done: "The server keeps the link, but sends nothing more on it.",
    path: "/api/faults/stall",
    body: {},
  },
  {
    name: "restart",
    label: "Restart server",
    meaning: "The history is lost, so nothing can be replayed. A snapshot heals the gap.",
    pending: "Restarting…",
    done: "The server restarted and has forgotten its history.",
    path: "/api/hub/restart",
    body: {},
  },
  {
    name: "expire",
    label: "Expire token",
    meaning: "The next request gets 401. The page fetches a new token and goes on.",
    pending: "Expiring…",
    done: "The token of this page is no longer good.",
    path: "/api/faults/expire-token",
    body: {},
  },
  {
    name: "overload",
    label: "Overload",
    meaning: "Answers 503 for 4 s. The page waits for as long as Retry-After asks.",
    pending: "Loading…",
    done: "The server turns everyone away for four seconds.",
    path: "/api/faults/overload",
    body: { seconds: 4 },
  },
];

export const faultSwitches: readonly FaultSwitch[] = [
  {
    name: "buffer",
    testId: "btn-buffer",
    label: "Buffering proxy",
    meaning: "New streams bring no byte. After two tries the page polls, until this is off.",
  },
  {
    name: "snapshotFails",
    testId: "btn-snapshot-fails",
    label: "Fail snapshots",
    meaning: "Snapshots answer 500. Then restart the server: the gap cannot be healed.",
  },
];

const SWITCHES = "/api/faults/switches";

export const allOff: SwitchStates = { buffer: false, snapshotFails: false };

/** @throws Error whose message can be shown */
export const readSwitches = () => ask<SwitchStates>(SWITCHES);

/** Breaks it. A failure is an outcome too. */
export function breakIt(fault: Fault): Promise<Outcome> {
  return report(fault, async () => {
    const { streams } = await post<{ streams?: number }>(fault.path, fault.body);
    return streams === 0 ? "No stream was open, so nothing broke." : fault.done;
  });
}

/**
 * Switches it on or off. A failure is an outcome too.
 *
 * @param onStates - told how all switches stand, if that worked
 */
export function flip(
  fault: FaultSwitch,
  states: SwitchStates,
  onStates: (states: SwitchStates) => void,
): Promise<Outcome> {
  return report(fault, async () => {
    const next = await post<SwitchStates>(SWITCHES, { [fault.name]: !states[fault.name] });
    onStates(next);
    return `“${fault.label}” is ${next[fault.name] ? "on" : "off"}.`;
  });
}

async function report({ label }: Pick<Fault, "label">, act: () => Promise<string>): Promise<Outcome> {
  try {
    return { text: await act(), tone: "neutral" };
  } catch (error) {
    return { text: `“${label}” failed: ${(error as Error).message}`, tone: "bad" };
  }
}
