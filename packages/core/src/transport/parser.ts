import { SSEError } from "../errors.ts";
import type { TransportSink } from "./transport.ts";

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

  const endBlock = () => {
    const block = { event, id, data: data ?? "" };
    const isEvent = data !== undefined;
    event = id = data = undefined;
    // A block without data dispatches nothing, but its id counts.
    if (block.id !== undefined) sink.id(block.id);
    if (isEvent) sink.event(block);
  };

  const takeLine = (line: string) => {
    if (!line) return endBlock();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (field === "event") event = value || undefined;
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^\d+$/.test(value)) sink.retry(Number(value));
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
      const piece = end < 0 ? text.slice(start) : text.slice(start, end);
      // Of a comment, which may be of any length, only the colon is kept.
      const isComment = rest ? rest === ":" : piece[0] === ":";
      const line = isComment ? ":" : rest + piece;
      if (line.length + (data?.length ?? 0) > maxEventChars)
        throw new SSEError("too-large", "An event exceeds maxEventChars.");
      rest = end < 0 ? line : "";
      if (end < 0) return;
      if (!isComment) takeLine(line);
      start = end + 1;
      if (end === cr) {
        if (text[start] === "\n") start++;
        else endsWithCR = start === text.length;
      }
    }
  };
}
