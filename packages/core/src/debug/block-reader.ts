/** Cuts the text of an event stream into blocks, as they came. */
export interface BlockReader {
  take(text: string): void;
  /** What came after the last blank line; empty for nothing. */
  rest(): string;
}

/** A block that is longer is shown up to here. */
const LONGEST_CHARS = 10_000;

/**
 * @param onBlock - told of every block with something in it, without the line ends that close it
 */
export function createBlockReader(onBlock: (text: string) => void): BlockReader {
  let block = "";
  let size = 0;
  let isLineEmpty = true;
  let endsWithCR = false;

  const add = (text: string) => {
    size += text.length;
    if (block.length < LONGEST_CHARS) block += text.slice(0, LONGEST_CHARS - block.length);
  };
  const show = () => {
    const omitted = size - block.length;
    return omitted > 0 ? `${block}… [${omitted} more characters]` : block.replace(/(\r\n?|\n)$/, "");
  };
  return {
    take(text) {
      if (!text) return;
      let start = 0;
      if (endsWithCR && text[0] === "\n") {
        start = 1;
        // The second half of a line end, unless that has closed the block already.
        if (block) add("\n");
      }
      endsWithCR = text.endsWith("\r");
      const lineEnd = /\r\n?|\n/g;
      lineEnd.lastIndex = start;
      for (let match = lineEnd.exec(text); match; match = lineEnd.exec(text)) {
        if (match.index > start) isLineEmpty = false;
        add(text.slice(start, match.index));
        start = lineEnd.lastIndex;
        if (!isLineEmpty) add(match[0]);
        else if (block) {
          onBlock(show());
          block = "";
          size = 0;
        }
        isLineEmpty = true;
      }
      if (start < text.length) isLineEmpty = false;
      add(text.slice(start));
    },
    rest: show,
  };
}
