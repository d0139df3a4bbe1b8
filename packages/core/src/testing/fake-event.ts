/** An event for a fake to send. Without data only its id and `retry` count, as in any event stream. */
export interface FakeEvent {
  /** @default none, which is `message` */
  readonly event?: string | undefined;
  /** @default none */
  readonly id?: string | undefined;
  /** Sent as JSON. */
  readonly data?: unknown;
  /** Sent as it is, in place of `data`. */
  readonly text?: string | undefined;
  /** The reconnection time to set, in ms. */
  readonly retry?: number | undefined;
}

/** What an event's data is on the wire; `undefined` for none. */
export function toText({ data, text }: FakeEvent): string | undefined {
  return text ?? JSON.stringify(data);
}
