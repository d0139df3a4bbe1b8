/** One block of a stream, as a hub of this project writes it: LF only, one `data` line for control events. */
export interface WireBlock {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: string | undefined;
}

/** Reads what has passed over a link, without the code under test. Only complete blocks count. */
export interface WireReader {
  /** A new stream begins; what is left of the last one is dropped. */
  restart(): void;
  read(chunk: Uint8Array): void;
}

/** Creates a reader that hands over each block as soon as its blank line has come. */
export function createWireReader(onBlock: (block: WireBlock) => void): WireReader {
  let decoder = new TextDecoder();
  let text = "";
  return {
    restart() {
      decoder = new TextDecoder();
      text = "";
    },
    read(chunk) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const field = (name: string) => {
          const line = block.split("\n").find((each) => each.startsWith(`${name}: `));
          return line?.slice(name.length + 2);
        };
        onBlock({ event: field("event"), id: field("id"), data: field("data") });
      }
    },
  };
}
