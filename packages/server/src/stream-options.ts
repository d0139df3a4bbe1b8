import { checkFields, invalid } from "./option-checks.ts";

/** Options of one request: for a stream, for a change of its channels, or for a poll. */
export interface StreamOptions {
  /** Names and patterns this request is authorised for. @default every defined channel, or any channel without definitions */
  readonly channels?: readonly string[];
  /** Response headers; they win over the hub's own, except `content-type` and the `cache-control` of JSON. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose request it is, where the application knows. `authorize` may say otherwise. @default nobody's */
  readonly user?: string | undefined;
  /**
   * When the permission ends, in milliseconds since 1970 (`exp` of a JWT times 1,000); the stream ends then. A past one is
   * answered with 401. @default never
   */
  readonly expiresAt?: number | undefined;
  /** Where it comes from, for `limits.perIp`. @default as `trustProxy` says, or the socket's address */
  readonly ip?: string | undefined;
  /**
   * What `hub.close` does with the stream: `"end"` ends it in its turn, `"finish"` leaves it to its client, for one that
   * follows a job to its end, and drops it at `timeoutMs`. @default "end"
   */
  readonly drain?: "end" | "finish" | undefined;
}

/** Throws an OptionError for a field that does not exist or is unusable. */
export function checkStreamOptions(options: StreamOptions): void {
  checkFields("", options, ["channels", "headers", "user", "expiresAt", "ip", "drain"]);
  checkIdentity("", options);
  if (options.ip !== undefined && typeof options.ip !== "string") throw invalid("ip", "use a string.");
  if (options.drain !== undefined && options.drain !== "end" && options.drain !== "finish")
    throw invalid("drain", 'use "end" or "finish".');
}

/**
 * What lies between is a date in seconds: from 2001 on there, and before 1974 in milliseconds. Less than that is over in either
 * unit.
 */
const SECONDS = { from: 1e9, to: 1e11 };

/** Throws an OptionError for a user or an expiry that is none. */
export function checkIdentity(path: string, { user, expiresAt }: Pick<StreamOptions, "user" | "expiresAt">): void {
  if (user !== undefined) checkUser(user, path);
  if (expiresAt !== undefined && (typeof expiresAt !== "number" || Number.isNaN(expiresAt)))
    throw invalid(`${path}expiresAt`, "use milliseconds since 1970.");
  // It would be long past, and everybody turned away for no reason that shows.
  if (expiresAt !== undefined && expiresAt >= SECONDS.from && expiresAt < SECONDS.to)
    throw invalid(
      `${path}expiresAt`,
      `${expiresAt} looks like seconds. It is in milliseconds: multiply \`exp\` by 1,000.`,
    );
}

/** Throws an OptionError for a user that is none. */
export function checkUser(user: unknown, path = ""): void {
  if (typeof user !== "string" || user === "") throw invalid(`${path}user`, "use a non-empty string.");
}
