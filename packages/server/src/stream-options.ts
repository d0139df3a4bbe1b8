import { checkFields } from "./option-checks.ts";
import type { Sink, SinkEvents } from "./sink.ts";
import type { StreamRequest } from "./stream-request.ts";

/** Options of one stream. */
export interface StreamOptions {
  /** Names and patterns this request is authorised for. @default every defined channel, or any channel without definitions */
  readonly channels?: readonly string[];
  /** Response headers; they win over the stream's own except `content-type`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens a stream on whatever sink `openSink` provides. It calls `openSink` once, or throws before it does. */
export type OpenStream = (
  request: StreamRequest,
  options: StreamOptions,
  openSink: (events: SinkEvents) => Sink,
) => void;

/** Throws an OptionError for a field that does not exist. */
export function checkStreamOptions(options: StreamOptions): void {
  checkFields("", options, ["channels", "headers"]);
}
