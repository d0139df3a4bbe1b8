import { Agent, get, type IncomingMessage } from "node:http";
import { parseStream } from "./fake-response.ts";

/** A client that shows the bytes. */
export interface RawClient {
  readonly response: IncomingMessage;
  /** Milliseconds from the request to the first byte of the body. */
  readonly firstByteMs: number;
  readonly closed: boolean;
  text(): string;
  parse(): ReturnType<typeof parseStream>;
  /** Resolves once the text satisfies the condition. */
  until(condition: (text: string) => boolean): Promise<void>;
  destroy(): void;
}

export function openClient(url: string, lastEventId?: string): Promise<RawClient> {
  const startedAt = performance.now();
  const headers = {
    accept: "text/event-stream",
    ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
  };
  // Like a browser, this client would keep its connection after the response has ended.
  const agent = new Agent({ keepAlive: true });
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent });
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      let closed = false;
      let check = () => {};
      const client: Omit<RawClient, "firstByteMs"> = {
        response,
        get closed() {
          return closed;
        },
        text: () => text,
        parse: () => parseStream(text),
        until(condition) {
          return new Promise((done) => {
            check = () => {
              if (condition(text)) done();
            };
            check();
          });
        },
        destroy() {
          request.destroy();
          agent.destroy();
        },
      };
      response.setEncoding("utf8");
      response.on("error", () => {});
      response.on("close", () => {
        closed = true;
        check();
      });
      response.on("data", (chunk: string) => {
        if (text === "") resolve(Object.assign(client, { firstByteMs: performance.now() - startedAt }));
        text += chunk;
        check();
      });
    });
  });
}
