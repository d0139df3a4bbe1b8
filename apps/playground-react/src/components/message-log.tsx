import { type SSEMessage, useSSE } from "@x/sse-react";
import { formatTime, toDateTime } from "playground-shared/format";
import { objectKey } from "playground-shared/object-key";
import { memo, useDeferredValue, useState } from "react";
import { useClient } from "../use-client.ts";
import { Icon } from "./icon.tsx";

type Messages = readonly SSEMessage[];

export function MessageLog() {
  const { messages } = useSSE(useClient());
  const [held, setHeld] = useState<Messages | null>(null);
  // A burst must not hold up what matters more than a log.
  const shown = useDeferredValue<Messages>(held ?? messages);
  return (
    <section className="card card-log" aria-labelledby="log-heading">
      <div className="card-header">
        <h3 id="log-heading">Messages</h3>
        <p className="hint">newest first</p>
        <button
          type="button"
          className="button button-small"
          data-testid="btn-pause"
          aria-pressed={held !== null}
          onClick={() => setHeld(held === null ? messages : null)}
        >
          <Icon name={held ? "play" : "pause"} />
          Pause
        </button>
      </div>
      <LogItems messages={shown} />
    </section>
  );
}

const LogItems = memo(function LogItems({ messages }: { messages: Messages }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="log" data-testid="log" aria-label="Message list" tabIndex={0}>
      {messages.length === 0 && <p className="card-message">Nothing received yet.</p>}
      <ol>
        {messages.toReversed().map((message) => (
          <LogItem key={objectKey(message)} message={message} />
        ))}
      </ol>
    </section>
  );
});

const LogItem = memo(function LogItem({ message }: { message: SSEMessage }) {
  const { id, channel, data, receivedAt, replayed, snapshot } = message;
  return (
    <li data-testid="log-item" data-id={id}>
      <time dateTime={toDateTime(receivedAt)}>{formatTime(receivedAt)}</time>
      <span className="log-channel">{channel}</span>
      <code className="log-id">{id}</code>
      {replayed && <span className="tag">{snapshot ? "snapshot" : "replayed"}</span>}
      <code className="log-data">{JSON.stringify(data)}</code>
    </li>
  );
});
