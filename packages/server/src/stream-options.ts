import { checkFields } from "./option-checks.ts";

/** Options of one request: for a stream, for a change of its channels, or for a poll. */
export interface StreamOptions {
  /** Names and patterns this request is authorised for. @default every defined channel, or any channel without definitions */
  readonly channels?: readonly string[];
  /** Response headers; they win over the hub's own, except `content-type` and the `cache-control` of JSON. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Throws an OptionError for a field that does not exist. */
export function checkStreamOptions(options: StreamOptions): void {
  checkFields("", options, ["channels", "headers"]);
}
