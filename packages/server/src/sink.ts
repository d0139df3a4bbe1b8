/** Where the bytes of one stream go: a Node response, a Fetch body, a test. */
export interface Sink {
  /** Tells of what becomes of the stream from now on. Called once, in the tick in which it was opened. */
  listen(listener: SinkEvents): void;
  /** Hands bytes over. May throw once the peer is gone. */
  write(chunk: Uint8Array): void;
  /** Bytes handed over which the platform still holds. */
  buffered(): number;
  /** Pushes what a compressing middleware may hold back. */
  flush(): void;
  /** Ends the stream after what was written. */
  end(): void;
  /** Drops the stream and whatever is still buffered. */
  destroy(): void;
  /** Takes the sink's listeners off. Called once, when the stream is over. */
  release(): void;
}

/** What a sink reports. Both may come at any time, and more than once. */
export interface SinkEvents {
  /** The stream is over, whoever ended it. */
  onClose(): void;
  /** Some of what was buffered may be gone; `buffered` tells. */
  onDrain(): void;
}
