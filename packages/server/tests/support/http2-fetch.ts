import { connect } from "node:http2";
import { Readable } from "node:stream";
import { onCleanUp } from "./live-server.ts";

/** A `fetch` over HTTP/2 without TLS, which that of Node does not speak. One session for each request. */
export async function fetchHttp2(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const { origin, pathname, search } = new URL(url);
  const session = connect(origin);
  onCleanUp(() => session.destroy());
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const stream = session.request({ ":path": pathname + search, ...Object.fromEntries(new Headers(init.headers)) });
    init.signal?.addEventListener("abort", () => session.destroy());
    stream.on("error", reject);
    stream.on("response", (got) => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(got)) if (!name.startsWith(":")) headers.set(name, String(value));
      const response = new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, {
        status: Number(got[":status"]),
        headers,
      });
      resolve(Object.defineProperty(response, "url", { value: String(url) }));
    });
    stream.end();
  });
}
