import { SSEError } from "../errors.ts";
import type { RawEvent, TransportSink } from "./transport.ts";

/**
 * Splits the text of an event stream into events, however it is cut into pieces (HTML §9.2.5, §9.2.6). What a block holds
 * counts when its blank line has come, except `retry`, which holds at once.
 *
 * @param maxEventChars - bounds what a block may hold
 * @returns a function that takes the next piece. @throws SSEError `too-large`
 */
export function createParser(
  sink: Pick<TransportSink, "id" | "event" | "retry">,
  maxEventChars: number,
): (text: string) => void {
  let isStart = true;
  // The last piece ended with CR: an LF at the beginning of the next one belongs to it.
  let endsWithCR = false;
  // The beginning of a line whose end has not come.
  let rest = "";
  let data: string | undefined;
  let event: string | undefined;
  let id: string | undefined;

  const bounded = (text: string) => {
    if (text.length > maxEventChars) throw new SSEError("too-large", "An event exceeds maxEventChars.");
    return text;
  };

  const endBlock = () => {
    const block = { event, id, data };
    event = id = data = undefined;
    // A block without data dispatches nothing, but its id counts.
    if (block.id !== undefined) sink.id(block.id);
    if (block.data !== undefined) sink.event(block as RawEvent);
  };

  /** Takes the line between two places of a text. Only what counts is cut out; 32 is a space. */
  const takeLine = (text: string, from: number, to: number) => {
    if (from === to) return endBlock();
    const colon = text.indexOf(":", from);
    const nameEnd = colon < 0 || colon > to ? to : colon;
    const size = nameEnd - from;
    const value = text.slice(text.charCodeAt(nameEnd + 1) === 32 ? nameEnd + 2 : nameEnd + 1, to);
    if (size === 4 && text.startsWith("data", from)) data = bounded(data === undefined ? value : `${data}\n${value}`);
    else if (size === 5 && text.startsWith("event", from)) event = value || undefined;
    else if (size === 2 && text.startsWith("id", from)) id = value.includes("\0") ? id : value;
    else if (size === 5 && text.startsWith("retry", from) && /^\d+$/.test(value)) sink.retry(Number(value));
  };

  return (text) => {
    let start = 0;
    if (text) {
      if (isStart && text[0] === "\uFEFF") start = 1;
      if (endsWithCR && text[0] === "\n") start = 1;
      isStart = endsWithCR = false;
    }
    // Where the next CR is; looked for once, not again for every line of a stream that has none.
    let cr = text.indexOf("\r");
    for (;;) {
      if (cr >= 0 && cr < start) cr = text.indexOf("\r", start);
      const lf = text.indexOf("\n", start);
      const end = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr;
      if (end < 0) break;
      if (rest) {
        const line = rest + text.slice(start, end);
        rest = "";
        takeLine(line, 0, line.length);
      } else takeLine(text, start, end);
      start = end + 1;
      if (end === cr) {
        if (text[start] === "\n") start++;
        else endsWithCR = start === text.length;
      }
    }
    const piece = text.slice(start);
    // Of a comment, which may be of any length, only the colon is kept.
    rest = (rest || piece[0]) === ":" ? ":" : bounded(rest + piece);
  };
}
