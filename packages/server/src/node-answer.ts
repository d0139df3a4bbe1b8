import { type JsonAnswer, jsonHeaders } from "./json-answer.ts";
import { isHttp1 } from "./node-request.ts";
import { hasLeft, type NodeRequest, type NodeResponse } from "./node-sink.ts";
import { isOver, PIECE_BYTES, piecesOf, untilDrained } from "./node-write.ts";
import { type Refusal, textHeaders } from "./refusal.ts";
import { TOO_SLOW } from "./request-body.ts";
import type { StallWatch } from "./stall-watch.ts";
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
  readonly watch: StallWatch["watch"];
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
export function prepareAnswer(exchange: NodeExchange): (answer: JsonAnswer) => void {
  const { res, own, isLast } = exchange;
  for (const [name, value] of jsonHeaders(own)) putHeader(res, name, value);
  return ({ status, body, headers = {} }) => {
    // The rest of a body that is too slow would be waited for.
    const close = isLast() || status === TOO_SLOW.status;
    finish(exchange, status, Object.entries(headers), JSON.stringify(body), close);
  };
}

/** Answers with a refusal to somebody who asked for a stream. */
export function refuseStream(exchange: NodeExchange, refusal: Refusal): void {
  const { res, own = {}, isLast } = exchange;
  for (const [name, value] of Object.entries(own)) putHeader(res, name.toLowerCase(), value);
  finish(exchange, refusal.status, textHeaders(refusal), `${refusal.body.message}\n`, isLast());
}

/** Answers somebody whose method is of no use here. */
export function refuseMethod(res: NodeResponse, { status, headers, text }: typeof REFUSAL): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.end(text);
}

function finish(
  { req, res, watch }: NodeExchange,
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
    // Most are written at once; bytes are counted where they may be too many for that.
    const bytes = 3 * text.length > PIECE_BYTES ? new TextEncoder().encode(text) : undefined;
    if (bytes && bytes.byteLength > PIECE_BYTES) return void sendBytes(res, bytes, watch);
    res.end(text);
    // Usually the platform has taken it.
    if (res.writableLength && !hasLeft(res)) watch(res).written();
  } catch {
    // Middleware may have put code of its own in the way, and whoever comes next in a flush is not to suffer from it.
    res.destroy();
  }
}

/** No faster than they are taken. Never rejects. */
async function sendBytes(res: NodeResponse, bytes: Uint8Array, watch: StallWatch["watch"]): Promise<void> {
  const { written, forget } = watch(res);
  let isWritten = false;
  try {
    res.setHeader("content-length", String(bytes.byteLength));
    for (const piece of piecesOf(bytes)) {
      if (isOver(res)) return;
      if (!res.write(piece)) await untilDrained(res);
    }
    if (isOver(res)) return;
    res.end();
    written();
    isWritten = true;
  } catch {
    res.destroy();
  } finally {
    if (!isWritten) forget();
  }
}

/** True when nothing can be answered any more. */
export function isAnswered(res: NodeResponse): boolean {
  return hasLeft(res) || res.writableEnded || res.headersSent === true;
}
