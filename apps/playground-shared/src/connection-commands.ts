import type { ConnectionState, SSEClient } from "@x/sse-core";
import type { IconName } from "./icons.ts";

/** A button that does something to the connection. */
export interface Command {
  readonly name: "connect" | "disconnect" | "reconnect" | "pause-stream";
  readonly label: string;
  /** Laid out too, so that the button keeps its width. */
  readonly otherLabel?: string;
  readonly icon: IconName;
  /** Whether pressing it does anything now. */
  readonly isUseful: boolean;
  readonly isPrimary?: boolean;
  readonly run: () => void;
}

type Commands = Pick<SSEClient, "connect" | "disconnect" | "reconnect" | "pause" | "resume">;

const REASON = "you";

/** The buttons of the connection in their order. */
export function commandsOf(client: Commands, { status, cause, pausedBy }: ConnectionState): readonly Command[] {
  const { connect, disconnect, reconnect, pause, resume } = client;
  const isStopped = status === "closed" || status === "idle";
  const isPaused = pausedBy.includes(REASON);
  // While reconnecting it means: now, not later. What the server has asked to wait cannot be cut short.
  const canConnect = isStopped || (status === "reconnecting" && cause?.retryAfterMs === undefined);
  return [
    { name: "connect", label: "Connect", icon: "link", isUseful: canConnect, isPrimary: true, run: connect },
    { name: "disconnect", label: "Disconnect", icon: "cross", isUseful: !isStopped, run: disconnect },
    { name: "reconnect", label: "Reconnect", icon: "refresh", isUseful: status === "open", run: reconnect },
    {
      name: "pause-stream",
      label: isPaused ? "Resume" : "Pause",
      otherLabel: isPaused ? "Pause" : "Resume",
      icon: isPaused ? "play" : "pause",
      isUseful: isPaused || !isStopped,
      run: () => (isPaused ? resume(REASON) : pause(REASON)),
    },
  ];
}
