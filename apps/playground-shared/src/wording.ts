import type { ConnectionState, ConnectionStatus, GapReason, Resume, SSEError, TransportName } from "@x/sse-core";

const statusLabels: Readonly<Record<ConnectionStatus, string>> = {
  idle: "Idle",
  connecting: "Connecting",
  open: "Live",
  reconnecting: "Reconnecting",
  paused: "Paused",
  closed: "Disconnected",
};

export function labelOf({ status, stale }: Pick<ConnectionState, "status" | "stale">): string {
  return stale ? "Silent" : statusLabels[status];
}

export const transportLabels: Readonly<Record<TransportName, string>> = {
  fetch: "stream",
  native: "EventSource",
  polling: "polling",
  shared: "other tab",
};

/** One or two sentences about what is going on and what happens next. */
export function explain(state: ConnectionState): string {
  const { status, reason, cause, stale, offline, transport, pausedBy } = state;
  if (status === "closed" && reason === "user") return "You disconnected. Connect to receive what you missed.";
  if (status === "paused")
    return pausedBy.includes("you")
      ? "You paused the stream. Resume goes on exactly where it stopped."
      : "Paused while nobody sees the page. It goes on where it stopped.";
  if (stale) return "The link is there, but the server says nothing. If that lasts, the stream is replaced.";
  if (offline && (status === "connecting" || status === "reconnecting"))
    return "The browser says there is no network. The page tries again as soon as there is one.";
  if (cause) return explainFailure(cause, status);
  switch (status) {
    case "open":
      return transport === "polling"
        ? "Streams do not get through, so the page asks for news again and again. It keeps trying a stream."
        : "Events arrive as they are published.";
    case "connecting":
    case "reconnecting":
      return "Waiting for the server to answer.";
    case "idle":
      return "Nothing on this page needs the stream.";
    case "closed":
      return "The stream has ended.";
  }
}

function explainFailure({ code, status, message }: SSEError, now: ConnectionStatus): string {
  const next = now === "closed" ? "Connect to try again." : "The next stream goes on where this one stopped.";
  if (code === "network" || code === "ended") return `The link broke. ${next}`;
  if (code === "timeout") return `Nothing arrived in time. ${next}`;
  if (code === "bye") return `The server said goodbye and when to come back. ${next}`;
  if (code === "unauthorized")
    return `The server refused the token (401). ${now === "closed" ? next : "The page fetches a new one."}`;
  if (status === 503) return "The server is overloaded (503) and said how long to wait.";
  return message;
}

/** @param isHealed - what a gap has lost was made up for */
export function describeResume(resume: Resume | null, isHealed: boolean): string {
  switch (resume?.type) {
    case "fresh":
      return "Fresh start";
    case "resumed":
      return "Resumed, nothing missed";
    case "replayed":
      return `${resume.count} ${resume.count === 1 ? "message" : "messages"} replayed`;
    case "gap":
      return `Gap: ${gapLabels[resume.reason]}${isHealed ? ", healed" : ""}`;
    case undefined:
      return "–";
  }
}

const gapLabels: Readonly<Record<GapReason, string>> = {
  trimmed: "away for too long",
  epoch: "server restarted",
  slow: "read too slowly",
  ahead: "position not known yet",
  "bad-id": "position unreadable",
  forgotten: "history too short",
  "replay-limit": "too much missed",
  unsubscribed: "was not subscribed",
};

export const gapReasons: Readonly<Record<GapReason, string>> = {
  trimmed: "You were away longer than the server's history reaches back.",
  epoch: "The server restarted and has forgotten what it sent before.",
  slow: "This page read too slowly, and the server's history moved on.",
  ahead: "The server does not know the last message of this page yet.",
  "bad-id": "The server cannot read the position of this page.",
  forgotten: "The server keeps no record that reaches back far enough.",
  "replay-limit": "More was missed than the server sends again.",
  unsubscribed: "Nobody on this page had subscribed for a while.",
};
