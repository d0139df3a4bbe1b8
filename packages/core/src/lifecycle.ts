import type { SSEMessage } from "./channels/channel.ts";
import type { ConnectionState } from "./connection/status.ts";
import type { SSEError } from "./errors.ts";
import { createListeners } from "./store/listeners.ts";
import type { Readable } from "./store/readable.ts";

/** What `client.on` tells of, and with what. */
export interface LifecycleEvents {
  /** A stream is open. */
  connected: ConnectionState;
  /** An open stream is gone, or the connection is closed for good: `status`, `reason` and `cause` tell why. */
  disconnected: ConnectionState;
  /** A failure: `attempt` counts them, the next try is at `nextRetryAt`. */
  reconnecting: ConnectionState;
  /** A failed attempt, or a message that cannot be decoded. */
  error: SSEError;
  /** A message of any channel. */
  message: SSEMessage;
}

/** Tells of what happens to a client. */
export interface Lifecycle {
  on<Type extends keyof LifecycleEvents>(type: Type, listener: (event: LifecycleEvents[Type]) => void): () => void;
  emit<Type extends keyof LifecycleEvents>(type: Type, event: LifecycleEvents[Type]): void;
}

export function createLifecycle(status: Readable<ConnectionState>): Lifecycle {
  type Type = keyof LifecycleEvents;
  const listeners = createListeners<readonly [Type, unknown]>();
  const emit: Lifecycle["emit"] = (type, event) => listeners.emit([type, event]);
  let last = status.get();
  status.subscribe(() => {
    const { status: before, cause } = last;
    const state = status.get();
    const { status: now } = state;
    last = state;
    if (now !== before && (before === "open" || now === "closed")) emit("disconnected", state);
    if (now !== before && now === "open") emit("connected", state);
    // A listener may have ended it.
    if (last === state && now === "reconnecting" && state.cause !== cause) emit("reconnecting", state);
  });
  return {
    on: (type, listener) => listeners.add(([emitted, event]) => type === emitted && listener(event as never)),
    emit,
  };
}
