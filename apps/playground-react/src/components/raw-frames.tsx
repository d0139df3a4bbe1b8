import type { DebugEntry } from "@x/sse-react";
import { debugLog } from "playground-shared/client";
import { objectKey } from "playground-shared/object-key";
import { hasRoomForFrames } from "playground-shared/raw-frames";
import { memo, useState } from "react";
import { useSampled } from "../use-sampled.ts";
import { Icon } from "./icon.tsx";
import { RawEntry } from "./raw-entry.tsx";

type Entries = readonly DebugEntry[];

export function RawFrames() {
  const [isOpen, setOpen] = useState(hasRoomForFrames);
  const [held, setHeld] = useState<Entries | null>(null);
  const clear = () => {
    debugLog.clear();
    setHeld(held && []);
  };
  return (
    <section className="card card-frames" aria-labelledby="frames-heading">
      <div className="card-header">
        <h3 id="frames-heading">
          <button
            type="button"
            className="disclosure"
            data-testid="btn-frames"
            aria-expanded={isOpen}
            aria-controls="frames-body"
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name="chevron" />
            Raw frames
          </button>
        </h3>
        <p className="hint">newest last</p>
        {isOpen && (
          <div className="card-commands">
            <button
              type="button"
              className="button button-small"
              data-testid="btn-pause-frames"
              aria-pressed={held !== null}
              onClick={() => setHeld(held === null ? debugLog.entries.get() : null)}
            >
              <Icon name={held ? "play" : "pause"} />
              Pause
            </button>
            <button type="button" className="button button-small" data-testid="btn-clear-frames" onClick={clear}>
              <Icon name="cross" />
              Clear
            </button>
          </div>
        )}
      </div>
      <div id="frames-body">{isOpen && <FrameList held={held} />}</div>
    </section>
  );
}

function FrameList({ held }: { held: Entries | null }) {
  const entries = useSampled(debugLog.entries);
  const shown = held ?? entries;
  return (
    <div
      className="frames"
      data-testid="frames"
      role="log"
      aria-live="off"
      aria-label="Raw frames"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <div>
        {shown.length === 0 && <p className="card-message">Nothing has passed over the wire yet.</p>}
        <EntryList entries={shown} />
      </div>
    </div>
  );
}

const EntryList = memo(function EntryList({ entries }: { entries: Entries }) {
  return entries.map((entry) => <RawEntry key={objectKey(entry)} entry={entry} />);
});
