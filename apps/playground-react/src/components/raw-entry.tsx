import type { DebugEntry } from "@x/sse-react";
import { formatTime } from "playground-shared/format";
import { memo } from "react";

/** One thing that passed over the wire. */
export const RawEntry = memo(function RawEntry({ entry }: { entry: DebugEntry }) {
  return (
    <div className="frame" data-testid="frame" data-type={isLetGo(entry) ? "end" : entry.type}>
      <time dateTime={new Date(entry.at).toISOString()}>{formatTime(entry.at)}</time>
      <span className="frame-request">#{entry.request}</span>
      <code className="frame-text">{textOf(entry)}</code>
    </div>
  );
});

/** The page itself gave up on it, which browsers report as a failure. */
const isLetGo = (entry: DebugEntry) => entry.type === "error" && entry.name === "AbortError";

function textOf(entry: DebugEntry) {
  if (isLetGo(entry)) return "The page let go of it.";
  switch (entry.type) {
    case "request":
      return (
        <>
          → {entry.method} {entry.url}
          <span className="frame-dim"> {entry.headers.join(", ")}</span>
        </>
      );
    case "response":
      return `← ${entry.status} ${entry.contentType ?? "no content type"}`;
    case "end":
      return entry.by === "server" ? "The server ended the stream." : "The page let go of it.";
    case "error":
      return `The link broke: ${[entry.name, entry.code].filter(Boolean).join(" ")}`;
    case "frame":
      return <FrameText text={entry.text} isComplete={entry.isComplete} />;
  }
}

function FrameText({ text, isComplete }: { text: string; isComplete: boolean }) {
  // Lines of one block never change place, so their numbers are their keys.
  const lines = [
    ...mask(text)
      .split(/\r\n?|\n/)
      .entries(),
  ];
  return (
    <>
      {lines.map(([number, line]) => (
        <FrameLine key={number} line={line} />
      ))}
      {!isComplete && <span className="frame-dim">torn off here, not used</span>}
    </>
  );
}

function FrameLine({ line }: { line: string }) {
  const colon = line.indexOf(":");
  // A comment: for proxies and watchdogs, not for the page.
  if (colon === 0) return <span className="frame-line frame-dim">{line.trim() === ":" ? ": (heartbeat)" : line}</span>;
  return (
    <span className="frame-line">
      <span className="frame-dim">{line.slice(0, colon + 1)}</span>
      {line.slice(colon + 1)}
    </span>
  );
}

/** The connection's name lets others change its channels, so it is not shown to who looks over a shoulder. */
function mask(text: string): string {
  return text.replace(/"conn":"[^"]*"/, '"conn":"…"');
}
