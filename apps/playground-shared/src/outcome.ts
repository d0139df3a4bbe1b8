/** How an attempt to have the server do something ended. */
export interface Outcome {
  readonly text: string;
  readonly tone: "neutral" | "bad";
}
