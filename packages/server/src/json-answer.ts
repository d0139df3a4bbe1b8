/** An answer that is complete at once. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Beside those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to a request that cannot be understood. */
export function badRequest(message: string): JsonAnswer {
  return { status: 400, body: { error: "bad-request", message } };
}

/** Headers of a JSON answer, with the caller's own. What the answer is and that it must not be kept is not theirs to change. */
export function jsonHeaders(own: Readonly<Record<string, string>> = {}): [name: string, value: string][] {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(own)) headers.set(name.toLowerCase(), value);
  return [...headers.set("content-type", "application/json").set("cache-control", "no-store")];
}
