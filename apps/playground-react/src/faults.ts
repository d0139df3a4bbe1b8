/** Something that can be broken on purpose. */
export interface Fault {
  readonly name: "drop" | "cut" | "restart";
  readonly label: string;
  readonly pending: string;
  readonly done: string;
  readonly path: string;
  readonly body: object;
}

export const faults: readonly Fault[] = [
  {
    name: "drop",
    label: "Drop link",
    pending: "Dropping…",
    done: "The server dropped the link.",
    path: "/api/faults/drop",
    body: {},
  },
  {
    name: "cut",
    label: "Cut mid-frame",
    pending: "Cutting…",
    done: "The next event will be cut in the middle.",
    path: "/api/faults/cut",
    // Shorter than any event, so the cut cannot fall between two.
    body: { afterBytes: 40 },
  },
  {
    name: "restart",
    label: "Restart hub",
    pending: "Restarting…",
    done: "The hub restarted and has forgotten its history.",
    path: "/api/hub/restart",
    body: {},
  },
];

/** @throws Error whose message can be shown */
export async function cause({ path, body }: Fault): Promise<void> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error("the server does not answer. Is it still running?");
  });
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}.`);
}
