/** What each event carries. Numbers and short strings in rows, as live data has: one long string would parse for free. */
export interface Quotes {
  /** 1 for the first event, 2 for the second … */
  readonly seq: number;
  readonly rows: readonly { readonly symbol: string; readonly price: number; readonly size: number }[];
  readonly pad: string;
}

/** The name of the channel and of its events. */
export const CHANNEL = "quotes";

const EPOCH = "k3f9q2";
/** Ids of a log that has been running for a while: their length costs something, too. */
const FIRST_POSITION = 1_000_000;
/** The longest a row gets, with its comma. */
const ROW_CHARS = 48;
/** The longest everything around the rows gets. */
const FRAME_CHARS = 36;

/** Exactly as many events as a server of this project would write them, behind its `sse.hello`. */
export function createEventStream(dataBytes: number, events: number): Buffer {
  const hello = {
    conn: "bench",
    epoch: EPOCH,
    pos: FIRST_POSITION.toString(36),
    heartbeatMs: 15_000,
    channels: [CHANNEL],
    resume: "fresh",
    replayed: 0,
  };
  const blocks = [`event: sse.hello\ndata: ${JSON.stringify(hello)}\n\n`];
  for (let seq = 1; seq <= events; seq++) {
    const id = `${EPOCH}.${(FIRST_POSITION + seq).toString(36)}`;
    blocks.push(`id: ${id}\nevent: ${CHANNEL}\ndata: ${JSON.stringify(createQuotes(seq, dataBytes))}\n\n`);
  }
  return Buffer.from(blocks.join(""));
}

/** @param dataBytes - length of the JSON; everything is ASCII, so characters are bytes */
export function createQuotes(seq: number, dataBytes: number): Quotes {
  const rows = Array.from({ length: Math.floor((dataBytes - FRAME_CHARS) / ROW_CHARS) }, (_, row) => ({
    symbol: `SYM${100 + row}`,
    price: 100 + ((seq + row) % 90) + 0.25,
    size: 100 + (seq % 900),
  }));
  const pad = dataBytes - JSON.stringify({ seq, rows, pad: "" }).length;
  return { seq, rows, pad: "x".repeat(pad) };
}
