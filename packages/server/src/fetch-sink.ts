import type { Sink, SinkEvents } from "./sink.ts";

/** A sink and the body that carries its bytes. */
export interface FetchSink {
  readonly sink: Sink;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Opens a sink that is read as a stream. The queue is measured in bytes and ends at `highWaterMark`; without that a
 * stream accepts any amount from a producer that does not ask.
 */
export function openFetchSink(request: Request, highWaterMark: number): FetchSink {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let listener: SinkEvents | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(created) {
        controller = created;
      },
      pull: () => listener?.onDrain(),
      cancel: () => listener?.onClose(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark }),
  );
  // No error: nobody is there to be told of it but the adapter, which would log that a client has left.
  const onAbort = () => sink.end();
  request.signal.addEventListener("abort", onAbort);

  let over = false;
  function finish(how: () => void) {
    if (over) return;
    over = true;
    try {
      how();
    } catch {
      // Cancelled by its reader already: there is nothing left to finish.
    }
    listener?.onClose();
  }

  const sink: Sink = {
    listen(to) {
      listener = to;
    },
    write(chunk) {
      // A copy, because whoever reads a Fetch body may transfer its chunks, and this one belongs to the history.
      // Not by `slice`, which in Node's own arrays is a view of the same memory.
      controller.enqueue(new Uint8Array(chunk));
    },
    buffered: () => highWaterMark - (controller.desiredSize ?? highWaterMark),
    flush() {},
    end: () => finish(() => controller.close()),
    destroy: () => finish(() => controller.error(new DOMException("The event stream was dropped.", "AbortError"))),
    release() {
      // By way of the request, to keep it: in Node its signal goes silent once the request has been collected.
      request.signal.removeEventListener("abort", onAbort);
    },
  };
  return { sink, body };
}
