import type { IncomingMessage, ServerResponse } from "node:http";
import type { Payload } from "./payload.ts";

/** One way to send events to many. */
export interface Contender {
  /** Streams that get what is published. */
  connectionCount(): number;
  /** Answers with a stream of one channel. */
  open(req: IncomingMessage, res: ServerResponse, channel: string): void;
  publish(channel: string, payload: Payload): void;
}
