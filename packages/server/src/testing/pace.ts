/** How much is passed on to a client, and how long the pause after it is. */
export interface Pace {
  readonly bytes: number;
  readonly everyMs: number;
}
