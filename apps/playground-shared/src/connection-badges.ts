import type { ConnectionState } from "@x/sse-core";

/** A short word for what the status alone does not tell. */
export interface Badge {
  /** No other badge of the row has it. */
  readonly text: string;
  readonly testId: string;
  readonly isWarning: boolean;
}

/** The badges beside the one of the transport, which is always there. */
export function badgesOf({ stale, offline, pausedBy }: ConnectionState): readonly Badge[] {
  return [
    ...(stale ? [{ text: "Stale", testId: "badge-stale", isWarning: true }] : []),
    ...(offline ? [{ text: "Offline", testId: "badge-offline", isWarning: true }] : []),
    ...pausedBy.map((reason) => ({ text: `Paused by ${reason}`, testId: "badge-paused", isWarning: false })),
  ];
}
