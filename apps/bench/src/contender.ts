import type { Quotes } from "./event-stream.ts";

/** One way to read an event stream. */
export interface Contender {
  /** Reads the stream once, calling back with the parsed data of each event; resolves when the stream has ended. */
  read(url: string, onQuotes: (quotes: Quotes) => void): Promise<void>;
}
