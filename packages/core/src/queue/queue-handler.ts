import type { SSEMessage } from "../channels/channel.ts";

/** What a queue's handler is told besides the message. */
export interface QueueContext {
  /** Aborted by `close()`: what is done after that counts for nothing. */
  readonly signal: AbortSignal;
  /** 1 for the first call for a message. Above that, an earlier call has failed, perhaps half-way. */
  readonly attempt: number;
}

/** Does the work for one message. It has failed if it throws or what it returns is rejected. */
export type QueueHandler<Data> = (message: SSEMessage<Data>, context: QueueContext) => void | Promise<void>;
