import { DEFAULTS } from "./defaults.ts";
import { checkFields, checkNumber, invalid } from "./option-checks.ts";
import type { Reporter } from "./reporter.ts";

/** Which pages of other origins may read what the hub answers. */
export interface CorsOptions {
  /** Origins such as `https://example.com`, all (`"*"`), or a function that says it of one. */
  readonly origins: readonly string[] | "*" | ((origin: string) => boolean);
  /** Whether requests may come with cookies. Not with `"*"`. @default false */
  readonly credentials?: boolean;
  /** Request headers allowed beside `Last-Event-ID`, `Content-Type` and `Authorization`. @default none */
  readonly headers?: readonly string[];
  /** How long a browser may remember the answer to a preflight, in seconds. @default 600 */
  readonly maxAgeS?: number;
}

/** Headers of one answer. */
export type CorsHeaders = readonly (readonly [name: string, value: string])[];

/** Says what to answer to pages of other origins. */
export interface Cors {
  /** Headers of an answer, whatever it says. */
  headersFor(origin: string | null): CorsHeaders;
  /** Headers of the answer to a preflight. */
  preflightFor(origin: string | null): CorsHeaders;
}

const REQUEST_HEADERS = ["Last-Event-ID", "Content-Type", "Authorization"];
/** What caches must know even of an answer that allows nothing. */
const VARY = ["vary", "Origin"] as const;

/**
 * Creates the answers of a hub.
 *
 * @throws {OptionError}
 */
export function createCors(options: CorsOptions, { report, guard }: Reporter): Cors {
  const { credentials, headers, maxAgeS, allows } = resolveCors(options);
  const allowed = [...REQUEST_HEADERS, ...headers].join(", ");

  function isAllowed(origin: string): boolean {
    let answer: unknown = false;
    // A promise, too, as nobody else sees what it rejects with.
    guard(() => {
      answer = allows(origin);
      return answer;
    });
    // A promise is not an answer, and would count as one.
    if (typeof answer !== "boolean") report(invalid("cors.origins", "have the function return true or false at once."));
    return answer === true;
  }

  function headersFor(origin: string | null): CorsHeaders {
    if (origin === null || !isAllowed(origin)) return [VARY];
    return [
      VARY,
      ["access-control-allow-origin", options.origins === "*" ? "*" : origin],
      // Else a page cannot see when to come back.
      ["access-control-expose-headers", "Retry-After"],
      ...(credentials ? [["access-control-allow-credentials", "true"] as const] : []),
    ];
  }

  return {
    headersFor,
    preflightFor(origin) {
      const own = headersFor(origin);
      if (own.length === 1) return own;
      return [
        ...own,
        ["access-control-allow-methods", "GET, POST"],
        ["access-control-allow-headers", allowed],
        ["access-control-max-age", String(maxAgeS)],
      ];
    },
  };
}

function resolveCors(options: CorsOptions) {
  checkFields("cors", options, ["origins", "credentials", "headers", "maxAgeS"]);
  const { origins, credentials = false, headers = [], maxAgeS = DEFAULTS.corsMaxAgeS } = options;
  if (typeof credentials !== "boolean") throw invalid("cors.credentials", "use true or false.");
  if (credentials && origins === "*")
    throw invalid("cors.credentials", 'browsers refuse it together with origins "*"; name the origins.');
  if (!Array.isArray(headers) || !headers.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)))
    throw invalid("cors.headers", "use an array of header names.");
  return {
    credentials,
    headers: [...headers] as readonly string[],
    maxAgeS: checkNumber("cors.maxAgeS", maxAgeS, 0),
    allows: originTest(origins),
  };
}

function originTest(origins: CorsOptions["origins"]): (origin: string) => boolean {
  if (origins === "*") return () => true;
  if (typeof origins === "function") return origins;
  if (!Array.isArray(origins) || !origins.every(isOrigin))
    throw invalid("cors.origins", 'use "*", a function, or an array of origins such as "https://example.com".');
  const known = new Set(origins);
  return (origin) => known.has(origin);
}

/** As browsers write it: a trailing slash or a path would never match. */
function isOrigin(origin: unknown): boolean {
  return origin === "null" || (typeof origin === "string" && /^[a-z][a-z\d+.-]*:\/\/[^\s/?#*,A-Z]+$/.test(origin));
}
