import type { Environment } from "../environment.ts";
import type { Transport, TransportRequest, TransportSink } from "../transport/transport.ts";

/** A stream that is tried while polling goes on. */
export interface Trial {
  readonly isOver: boolean;
  abort(reason?: unknown): void;
}

/**
 * Tries a stream, and shows the sink nothing of it before its first event.
 *
 * @param limitMs - how long to wait for that
 * @param onStream - called at the first event: the sink is the stream's from here on
 */
export function startTrial(
  primary: Transport,
  request: TransportRequest,
  sink: TransportSink,
  limitMs: number,
  { setTimer }: Pick<Environment, "setTimer">,
  onStream: () => void,
): Trial {
  const controller = new AbortController();
  const { signal } = controller;
  let isStreaming = false;
  let isOver = false;
  let open = () => {};
  const leave = () => {
    cancelTimer();
    isOver = true;
  };
  const abort = (reason?: unknown) => {
    leave();
    controller.abort(reason);
  };
  const cancelTimer = setTimer(abort, limitMs);
  primary(
    { ...request, signal },
    {
      ...sink,
      open(name) {
        open = () => sink.open(name);
      },
      id(id) {
        if (isStreaming) sink.id(id);
      },
      event(raw) {
        // A chunk that was read already arrives after the abort. A goodbye is followed by an end, at which whatever holds
        // streams back lets go of them: it proves nothing.
        if (isOver || (!isStreaming && raw.event === "sse.bye")) return;
        if (!isStreaming) {
          isStreaming = true;
          cancelTimer();
          onStream();
          open();
        }
        sink.event(raw);
      },
      end(failure) {
        leave();
        if (isStreaming) sink.end(failure);
      },
    },
  );
  return {
    get isOver() {
      return isOver;
    },
    abort,
  };
}
