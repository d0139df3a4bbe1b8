import type { DebugEntry } from "@x/sse-react";
import { formatTime, toDateTime } from "playground-shared/format";
import { type FrameLine, viewOf } from "playground-shared/raw-frames";
import { memo } from "react";

/** One thing that passed over the wire. */
export const RawEntry = memo(function RawEntry({ entry }: { entry: DebugEntry }) {
  const { type, text, lines, dim } = viewOf(entry);
  return (
    <div className="frame" data-testid="frame" data-type={type}>
      <time dateTime={toDateTime(entry.at)}>{formatTime(entry.at)}</time>
      <span className="frame-request">#{entry.request}</span>
      <code className="frame-text">
        {text}
        {/* Lines of one entry never change place, so their numbers are their keys. */}
        {[...lines.entries()].map(([number, line]) => (
          <Line key={number} line={line} />
        ))}
        {dim && <span className="frame-dim">{dim}</span>}
      </code>
    </div>
  );
});

function Line({ line: { field, value, isComment } }: { line: FrameLine }) {
  if (isComment) return <span className="frame-line frame-dim">{value}</span>;
  return (
    <span className="frame-line">
      <span className="frame-dim">{field}</span>
      {value}
    </span>
  );
}
