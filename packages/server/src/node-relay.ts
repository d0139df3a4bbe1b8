import { type NodeExchange, putHeader } from "./node-answer.ts";
import { isHttp1 } from "./node-request.ts";
import type { NodeResponse } from "./node-sink.ts";
import { isOver, piecesOf, untilDrained } from "./node-write.ts";

/** What concerns one connection and not the answer; HTTP/2 knows none of it. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

/** Sends a Fetch response over a Node one, no faster than it is taken. Never rejects. */
export async function relayResponse({ req, res, isLast, watch }: NodeExchange, response: Response): Promise<void> {
  const reader = response.body?.getReader();
  const callOff = () => {
    // What is not wanted any more may fail to be called off: that is nobody's concern.
    reader?.cancel().catch(() => {});
  };
  const onError = () => res.destroy();
  const { written, forget } = watch(res);
  let isWritten = false;
  res.on("close", callOff);
  res.on("error", onError);
  try {
    writeHead(res, response);
    if (isLast() && isHttp1(req)) res.setHeader("connection", "close");
    while (reader) {
      const { done, value } = await reader.read();
      if (isOver(res)) return callOff();
      if (done) break;
      for (const piece of piecesOf(value)) {
        if (isOver(res)) return callOff();
        if (!res.write(piece)) await untilDrained(res);
      }
    }
    res.end();
    written();
    isWritten = true;
  } catch {
    callOff();
    res.destroy();
  } finally {
    if (!isWritten) forget();
    res.removeListener("close", callOff);
    res.removeListener("error", onError);
  }
}

function writeHead(res: NodeResponse, { status, headers }: Response): void {
  res.statusCode = status;
  for (const [name, value] of headers) {
    if (name !== "set-cookie" && !HOP_BY_HOP.has(name)) putHeader(res, name, value);
  }
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) res.setHeader("set-cookie", cookies);
}
