/** One block of an event stream, as far as it says something. */
export interface Block {
  /** Empty for none, which is `message`. */
  readonly event: string;
  /** An empty one takes the last event id back. */
  readonly id: string | undefined;
  /** Its lines joined by LF; without it nothing is dispatched. */
  readonly data: string | undefined;
  readonly comments: readonly string[];
}

/** Reads an event stream. */
export interface EventParser {
  /** Takes more bytes, cut anywhere. A block that its blank line has not ended counts for nothing. */
  feed(bytes: Uint8Array): void;
}

/**
 * Creates the parser of one stream. Fields that no test client needs are ignored like unknown ones: `retry`, too.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventParser(onBlock: (block: Block) => void): EventParser {
  // Drops a byte order mark, and waits for the rest of a character.
  const decoder = new TextDecoder();
  let rest = "";
  let endedInCr = false;
  let event = "";
  let id: string | undefined;
  let data: string | undefined;
  let comments: string[] = [];

  function endBlock() {
    const block = { event, id, data, comments };
    event = "";
    id = undefined;
    data = undefined;
    comments = [];
    if (block.id !== undefined || block.data !== undefined || block.comments.length > 0) onBlock(block);
  }

  function takeLine(line: string) {
    if (line === "") return endBlock();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "") comments.push(value);
    else if (name === "event") event = value;
    else if (name === "data") data = data === undefined ? value : `${data}\n${value}`;
    else if (name === "id" && !value.includes("\0")) id = value;
  }

  return {
    feed(bytes) {
      let text = decoder.decode(bytes, { stream: true });
      if (text === "") return;
      // A line break of two characters can be spread over two chunks.
      if (endedInCr && text.startsWith("\n")) text = text.slice(1);
      endedInCr = text.endsWith("\r");
      const lines = (rest + text).split(/\r\n|\r|\n/);
      rest = lines.pop()!;
      for (const line of lines) takeLine(line);
    },
  };
}
