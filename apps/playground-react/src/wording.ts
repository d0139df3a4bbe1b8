import type { ConnectionState, ConnectionStatus, GapReason, Resume } from "@x/sse-react";

export const statusLabels: Readonly<Record<ConnectionStatus, string>> = {
  idle: "Idle",
  connecting: "Connecting",
  open: "Live",
  reconnecting: "Reconnecting",
  closed: "Disconnected",
};

/** One sentence about what is going on and what happens next. */
export function explain({ status, reason, cause }: ConnectionState): string {
  if (status === "closed" && reason === "user") return "You disconnected. Connect to receive what you missed.";
  if (cause) return cause.message;
  switch (status) {
    case "open":
      return "Events arrive as they are published.";
    case "connecting":
    case "reconnecting":
      return "Waiting for the server to answer.";
    case "idle":
      return "Nothing on this page needs the stream.";
    case "closed":
      return "The stream has ended.";
  }
}

export function describeResume(resume: Resume | null): string {
  switch (resume?.type) {
    case "fresh":
      return "Fresh start";
    case "resumed":
      return "Resumed, nothing missed";
    case "replayed":
      return `${resume.count} ${resume.count === 1 ? "message" : "messages"} replayed`;
    case "gap":
      return "Gap, see the notice";
    case undefined:
      return "–";
  }
}

export const gapReasons: Readonly<Record<GapReason, string>> = {
  trimmed: "You were away longer than the server's history reaches back.",
  epoch: "The server restarted and has forgotten what it sent before.",
  slow: "This page read too slowly, and the server's history moved on.",
  ahead: "The server does not know the last message of this page yet.",
  "bad-id": "The server cannot read the position of this page.",
  forgotten: "The server keeps no record that reaches back far enough.",
  "replay-limit": "More was missed than the server sends again.",
};
