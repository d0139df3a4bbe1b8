import type { NodeRequest } from "./node-sink.ts";
import { queryOf, type StreamRequest } from "./stream-request.ts";

/** Reads what matters of a Node request. */
export function readNodeRequest(req: NodeRequest): StreamRequest {
  const { method = "GET", url = "", headers } = req;
  const header = (name: string) => {
    const value = headers[name];
    return value === undefined ? null : String(value);
  };
  return {
    method,
    accept: header("accept") ?? "",
    lastEventIdHeader: header("last-event-id") ?? undefined,
    query: queryOf(url),
    address: req.socket?.remoteAddress,
    source: req,
    header,
    copyHeaders() {
      const copy = new Headers();
      for (const name of Object.keys(headers)) {
        const value = headers[name];
        // Those with a colon are of HTTP/2: method, path and the like.
        if (value === undefined || name.startsWith(":")) continue;
        for (const each of [value].flat()) copy.append(name, each);
      }
      return copy;
    },
  };
}

/** True over HTTP/1, where a response can end its connection. */
export function isHttp1({ httpVersionMajor = 1 }: NodeRequest): boolean {
  return httpVersionMajor === 1;
}
