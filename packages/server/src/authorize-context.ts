import { readCookie } from "./cookies.ts";
import { namedChannels, type Purpose, type StreamRequest } from "./stream-request.ts";

/** What `authorize` decides about. */
export interface AuthorizeContext {
  /** Whether a stream is to be opened, the channels of one changed, or a poll answered. */
  readonly purpose: Purpose;
  /** Headers of the request. */
  readonly headers: Headers;
  /** Query of its URL. */
  readonly query: URLSearchParams;
  /** The token of `Authorization: Bearer …`; `undefined` without one. */
  readonly bearer: string | undefined;
  /** Address of the client, as far as it is known. */
  readonly ip: string | undefined;
  /** Names in the query `channels`, unchecked; `undefined` when it asks for everything. A change has them in its body. */
  readonly channels: readonly string[] | undefined;
  /** Aborted when the client leaves or the hub closes before there is a decision. */
  readonly signal: AbortSignal;
  /** The request of the platform: that of `hub.node`, or the `Request` of `hub.fetch`. The body of a change is the hub's to read. */
  readonly request: unknown;
  /** The first cookie of that name, decoded. */
  cookie(name: string): string | undefined;
}

/** Creates the context of a request. */
export function createAuthorizeContext(
  purpose: Purpose,
  request: StreamRequest,
  ip: string | undefined,
  signal: AbortSignal,
): AuthorizeContext {
  let headers: Headers | undefined;
  return {
    purpose,
    // Most look at one header only, and a copy of all costs.
    get headers() {
      headers ??= request.copyHeaders();
      return headers;
    },
    // The hub reads its own later, whatever becomes of this one.
    query: new URLSearchParams(request.query),
    bearer: /^bearer +(\S+) *$/i.exec(request.header("authorization") ?? "")?.[1],
    ip,
    channels: namedChannels(request),
    signal,
    request: request.source,
    cookie: (name) => readCookie(request.header("cookie"), name),
  };
}
