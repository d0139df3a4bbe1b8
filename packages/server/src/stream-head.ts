import { putHeader } from "./node-answer.ts";
import type { NodeResponse } from "./node-sink.ts";
import { streamHeaders } from "./stream-request.ts";

/** Sets the head of a stream, beside headers that are there. Throws for those that cannot be sent. */
export function writeStreamHead(res: NodeResponse, own: Readonly<Record<string, string>> = {}): void {
  const given = new Set(["content-type", ...Object.keys(own).map((name) => name.toLowerCase())]);
  res.statusCode = 200;
  for (const [name, value] of streamHeaders(own)) {
    if (given.has(name) || !res.hasHeader(name)) putHeader(res, name, value);
  }
}
