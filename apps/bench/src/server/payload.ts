import { createQuotes, type Quotes } from "../event-stream.ts";

/** The channel where there is only one. */
export const CHANNEL = "quotes";

/** Occurs once in the data of each event and nowhere else in a stream, so that clients can count events byte by byte. */
export const MARK = "~";

/** What an event carries. */
export interface Payload extends Quotes {
  readonly mark: typeof MARK;
}

/** All numbers above it have the same length, so frames do, too. */
export const FIRST_SEQ = 1_000_000;
const EPOCH = "k3f9q2";
const MARK_CHARS = `,"mark":"${MARK}"`.length;

/** The block of an event, for those who have nothing that makes one. */
export function encodeEvent(channel: string, position: number, data: string): string {
  return `id: ${encodeId(position)}\nevent: ${channel}\ndata: ${data}\n\n`;
}

export function encodeId(position: number): string {
  return `${EPOCH}.${position.toString(36)}`;
}

/**
 * Makes events whose blocks have so many bytes. All of it but the number is the same in each: making data is the
 * application's work, and measuring it would hide what sending costs.
 */
export function createPayloads(frameBytes: number): (seq: number) => Payload {
  const overhead = encodeEvent(CHANNEL, FIRST_SEQ, "").length + MARK_CHARS;
  const template = createQuotes(FIRST_SEQ, frameBytes - overhead);
  return (seq) => ({ ...template, seq: FIRST_SEQ + seq, mark: MARK });
}
