import { defaults } from "../defaults.ts";
import { SSEError } from "../errors.ts";
import { createParser } from "./parser.ts";
import { pump, send, toRefusal } from "./send.ts";
import type { TransportFactory, TransportRequest, TransportSink } from "./transport.ts";

/** Case, spaces and parameters do not matter (MIME Sniffing §4.4). */
const EVENT_STREAM = /^text\/event-stream\s*(;|$)/i;

/** Reads event streams with `fetch`: status codes, headers and every byte are seen. */
export const createFetchTransport: TransportFactory =
  ({ environment }) =>
  async (request, sink) => {
    const { url } = request;
    try {
      const response = await send(request, "text/event-stream", environment);
      if (response.status !== 200 || !EVENT_STREAM.test(`${response.headers.get("content-type")}`))
        throw await toRefusal(response, url, environment);
      sink.open("fetch");
      await read(response, request, sink);
      throw new SSEError("ended", `${url}: the server ended the stream.`);
    } catch (error) {
      sink.end(SSEError.from(error, "network", `${url}: the connection failed.`));
    }
  };

/** Resolves when the body has ended or is no longer wanted. */
async function read(
  { body }: Response,
  { signal, flushAtEnd, maxEventChars = defaults.maxEventChars }: TransportRequest,
  sink: TransportSink,
) {
  const parse = createParser(sink, maxEventChars);
  await pump(body?.getReader(), (text, bytes) => {
    sink.bytes(bytes);
    parse(text);
    return signal.aborted;
  });
  if (flushAtEnd && !signal.aborted) parse("\n\n");
}
