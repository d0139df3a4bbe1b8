import { joinChunks } from "./join-chunks.ts";

/** An event for open streams that is not in the log: it has no id, and no resumed stream gets it. */
export interface Aside {
  readonly frame: Uint8Array;
  readonly event: AsideEvent;
  /** Counts up: what is given first is written first. */
  readonly order: number;
  /** Told once whether a stream was written it. Of use where it is for one stream. */
  readonly settle: ((told: boolean) => void) | undefined;
}

/** What an event without an id is about. */
export interface AsideEvent {
  readonly channel: string;
  /** The address, if it has one. */
  readonly to: string | undefined;
}

/** The asides of a tick for one or more streams. */
export interface Asides {
  /** In order. */
  readonly list: readonly Aside[];
  /** Their bytes, after those of the same write. Streams with the same bytes before them get the same join. */
  after(chunk: Uint8Array | undefined): Uint8Array | undefined;
}

/** Gets asides ready for all streams that are to be told the same; `undefined` when there are none. */
export function createAsides(list: readonly Aside[]): Asides | undefined {
  if (list.length === 0) return undefined;
  let joined: { readonly chunk: Uint8Array | undefined; readonly bytes: Uint8Array | undefined } | undefined;
  return {
    list,
    after(chunk) {
      if (!joined || joined.chunk !== chunk) {
        const frames = list.map(({ frame }) => frame);
        joined = { chunk, bytes: joinChunks(chunk ? [chunk, ...frames] : frames) };
      }
      return joined.bytes;
    },
  };
}
