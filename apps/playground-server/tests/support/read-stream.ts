import { get, type IncomingMessage } from "node:http";

/** A stream that is being read. */
export interface ReadStream {
  /** What has arrived of the body. */
  text(): string;
  /** Resolves when the body holds `part`. */
  includes(part: string): Promise<void>;
  /** Resolves when the stream is over; to false when it broke off. */
  readonly ended: Promise<boolean>;
  close(): void;
}

export async function readStream(url: string, headers: Record<string, string> = {}): Promise<ReadStream> {
  const request = get(url, { headers: { accept: "text/event-stream", ...headers } });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve).on("error", reject);
  });
  let text = "";
  response.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  response.on("error", () => {});
  const ended = new Promise<boolean>((resolve) => response.on("close", () => resolve(response.complete)));
  return {
    text: () => text,
    includes: (part) =>
      new Promise((resolve) => {
        const check = () => {
          if (!text.includes(part)) return;
          response.off("data", check);
          resolve();
        };
        response.on("data", check);
        check();
      }),
    ended,
    close: () => void request.destroy(),
  };
}
