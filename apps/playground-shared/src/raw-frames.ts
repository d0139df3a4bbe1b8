import type { DebugEntry } from "@x/sse-core";

/** A {@link DebugEntry} as it is shown: text, then lines, then the dim text. */
export interface RawEntryView {
  readonly type: DebugEntry["type"];
  readonly text: string;
  readonly lines: readonly FrameLine[];
  /** Less important; empty for none. */
  readonly dim: string;
}

export interface FrameLine {
  /** With its colon; empty where the line is a comment. */
  readonly field: string;
  readonly value: string;
  /** For proxies and watchdogs, not for the page. */
  readonly isComment: boolean;
}

/** Below this the panel would push everything else far down. */
const WIDE = "(min-width: 641px)";

/** Whether the window has room for the raw frames beside the rest. */
export const hasRoomForFrames = () => matchMedia(WIDE).matches;

export function viewOf(entry: DebugEntry): RawEntryView {
  // Browsers report what the page itself gave up as a failure.
  if (entry.type === "error" && entry.name === "AbortError") return plain("end", "The page let go of it.");
  switch (entry.type) {
    case "request":
      return { ...plain(entry.type, `→ ${entry.method} ${entry.url}`), dim: ` ${entry.headers.join(", ")}` };
    case "response":
      return plain(entry.type, `← ${entry.status} ${entry.contentType ?? "no content type"}`);
    case "end":
      return plain(entry.type, entry.by === "server" ? "The server ended the stream." : "The page let go of it.");
    case "error":
      return plain(entry.type, `The link broke: ${[entry.name, entry.code].filter(Boolean).join(" ")}`);
    case "frame":
      return {
        ...plain(entry.type, ""),
        lines: mask(entry.text)
          .split(/\r\n?|\n/)
          .map(toLine),
        dim: entry.isComplete ? "" : "torn off here, not used",
      };
  }
}

const plain = (type: DebugEntry["type"], text: string): RawEntryView => ({ type, text, lines: [], dim: "" });

function toLine(line: string): FrameLine {
  const colon = line.indexOf(":");
  if (colon === 0) return { field: "", value: line.trim() === ":" ? ": (heartbeat)" : line, isComment: true };
  return { field: line.slice(0, colon + 1), value: line.slice(colon + 1), isComment: false };
}

/** The connection's name lets others change its channels, so it is not shown to who looks over a shoulder. */
function mask(text: string): string {
  return text.replace(/"conn":"[^"]*"/, '"conn":"…"');
}
