/** Base of everything this package throws on purpose. Branch on `code`, never on `message`. */
export class SSEServerError extends Error {
  /** Stable machine-readable reason; docs/errors.md says what each means. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Why a frame could not be written: see {@link FrameError}. */
export type FrameErrorCode = "line-break" | "nul" | "retry-range" | "not-text" | "missing-data";

/** A field given to `encodeFrame` cannot be put on the wire without changing or injecting something. */
export class FrameError extends SSEServerError {
  declare readonly code: FrameErrorCode;
  /** Name of the offending field: `event`, `id`, `data`, `retry` or `comment`. */
  readonly field: string;

  constructor(code: FrameErrorCode, field: string, message: string) {
    super(code, message);
    this.field = field;
  }
}

/** An option of `createHub`, a method of a hub or an `update` of a task is unknown or has an unusable value. */
export class OptionError extends SSEServerError {
  /** Path of the option, for example `history.ttlMs`. */
  readonly option: string;

  constructor(option: string, fix: string) {
    super("invalid-option", `Option "${option}": ${fix}`);
    this.option = option;
  }
}

/** The record given to `defineChannels` contradicts itself. */
export class ChannelDefinitionError extends SSEServerError {
  /** Key of the definition at fault. */
  readonly channel: string;

  constructor(channel: string, problem: string) {
    super("invalid-definition", `Channel definition "${channel}": ${problem}`);
    this.channel = channel;
  }
}

/** The text cannot be a channel name or pattern at all. */
export class ChannelNameError extends SSEServerError {
  /** The rejected text. */
  readonly channel: string;

  constructor(channel: string, problem: string) {
    super("invalid-channel", `Channel ${JSON.stringify(channel)}: ${problem}`);
    this.channel = channel;
  }
}

/** The name belongs to the protocol: it begins with `sse.` or `@`. */
export class ReservedEventError extends SSEServerError {
  /** The reserved name. */
  readonly event: string;

  constructor(event: string) {
    super(
      "reserved-event",
      `"${event}" is reserved: names beginning with "sse." or "@" belong to the protocol. Rename it.`,
    );
    this.event = event;
  }
}

/** The hub has definitions and none of them covers this channel. */
export class UnknownChannelError extends SSEServerError {
  /** The channel nobody defined. */
  readonly channel: string;

  constructor(channel: string, known: readonly string[]) {
    super("unknown-channel", `Channel "${channel}" is not defined. Defined: ${known.join(", ") || "none"}.`);
    this.channel = channel;
  }
}

/** The data given to `publish` does not satisfy the channel's schema or cannot become JSON. */
export class InvalidDataError extends SSEServerError {
  /** Channel it was meant for. */
  readonly channel: string;
  /** What the schema reported; empty when there was no schema involved. */
  readonly issues: readonly { readonly message: string }[];

  constructor(channel: string, problem: string, issues: readonly { readonly message: string }[] = [], cause?: unknown) {
    super("invalid-data", `Data for channel "${channel}": ${problem}`, cause === undefined ? undefined : { cause });
    this.channel = channel;
    this.issues = issues;
  }
}

/** The encoded event is larger than `maxEventBytes`. */
export class PayloadTooLargeError extends SSEServerError {
  /** Size of the encoded event in bytes, its id line not counted. */
  readonly bytes: number;
  /** The limit it exceeds. */
  readonly maxBytes: number;

  constructor(channel: string, bytes: number, maxBytes: number) {
    super(
      "payload-too-large",
      `Event for channel "${channel}" has ${bytes} bytes, more than maxEventBytes (${maxBytes}). Send a reference instead, or raise maxEventBytes.`,
    );
    this.bytes = bytes;
    this.maxBytes = maxBytes;
  }
}

/** What `authorize` returned is neither a grant nor `null` nor a `Response`. Given to `onError`; the client gets 500. */
export class GrantError extends SSEServerError {
  constructor(problem: string, cause?: unknown) {
    super(
      "invalid-grant",
      `authorize must return { user, channels, expiresAt }, null or a Response with an unread body: ${problem}`,
      cause === undefined ? undefined : { cause },
    );
  }
}

/** A task was updated or ended after its end. */
export class ProgressClosedError extends SSEServerError {
  /** Name of the task. */
  readonly id: string;

  constructor(id: string) {
    super("progress-closed", `Task "${id}" has ended; nothing more can be told of it.`);
    this.id = id;
  }
}

/** `publish` was called after `hub.close()` had finished. */
export class HubClosedError extends SSEServerError {
  constructor() {
    super("hub-closed", "The hub is closed; nothing can be published any more.");
  }
}
