import { type JsonAnswer, jsonHeaders } from "./json-answer.ts";
import { isHttp1 } from "./node-request.ts";
import { hasLeft, type NodeRequest, type NodeResponse } from "./node-sink.ts";
import { type Refusal, textHeaders } from "./refusal.ts";
import { TOO_SLOW } from "./request-body.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { REFUSAL } from "./stream-request.ts";

/** An exchange that is not to be a stream. */
export interface NodeExchange {
  readonly req: NodeRequest;
  readonly res: NodeResponse;
  /** Headers of the caller. */
  readonly own: StreamOptions["headers"];
  /** True when the connection must not be kept for further requests. */
  isLast(): boolean;
}

/** Sets a header beside those that are there; what caches are told to look at adds up. */
export function putHeader(res: NodeResponse, name: string, value: string | readonly string[]): void {
  const before = name === "vary" ? res.getHeader?.(name) : undefined;
  const isThere = String(before).toLowerCase().split(/, */).includes(String(value).toLowerCase());
  if (!isThere) res.setHeader(name, before ? `${before}, ${value}` : value);
}

/**
 * Gets ready to answer with JSON. Throws for headers that cannot be sent, now rather than when there is something to
 * answer.
 */
export function prepareAnswer({ req, res, own, isLast }: NodeExchange): (answer: JsonAnswer) => void {
  for (const [name, value] of jsonHeaders(own)) putHeader(res, name, value);
  return ({ status, body, headers = {} }) => {
    // The rest of a body that is too slow would be waited for.
    const close = isLast() || status === TOO_SLOW.status;
    finish(req, res, status, Object.entries(headers), JSON.stringify(body), close);
  };
}

/** Answers with a refusal to somebody who asked for a stream. */
export function refuseStream({ req, res, own = {}, isLast }: NodeExchange, refusal: Refusal): void {
  for (const [name, value] of Object.entries(own)) putHeader(res, name.toLowerCase(), value);
  finish(req, res, refusal.status, textHeaders(refusal), `${refusal.body.message}\n`, isLast());
}

/** Answers somebody whose method is of no use here. */
export function refuseMethod(res: NodeResponse, { status, headers, text }: typeof REFUSAL): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.end(text);
}

function finish(
  req: NodeRequest,
  res: NodeResponse,
  status: number,
  headers: readonly (readonly [string, string])[],
  text: string,
  isLast: boolean,
): void {
  // Somebody else may have answered meanwhile, a middleware with a time limit for instance.
  if (isAnswered(res)) return;
  try {
    res.statusCode = status;
    for (const [name, value] of headers) putHeader(res, name, value);
    if (isLast && isHttp1(req)) res.setHeader("connection", "close");
    res.end(text);
  } catch {
    // Middleware may have put code of its own in the way, and whoever comes next in a flush is not to suffer from it.
    res.destroy();
  }
}

/** True when nothing can be answered any more. */
export function isAnswered(res: NodeResponse): boolean {
  return hasLeft(res) || res.writableEnded || res.headersSent === true;
}
