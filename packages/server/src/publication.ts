import type { ChannelRegistry } from "./channel-registry.ts";
import type { ChannelDefinition } from "./define-channels.ts";
import { InvalidDataError, OptionError, PayloadTooLargeError } from "./errors.ts";
import { encodeFrame } from "./frame.ts";
import type { LogRecord } from "./log.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** How one event is published. */
export interface PublishOptions {
  /** Sends a string as it is, unchecked and without JSON. Such an event has no key. @default false */
  readonly raw?: boolean;
  /**
   * Sends the event only to streams that are open now, without an id: it is not kept, and whoever is away, behind or polling
   * misses it and is not told. For what is out of date in a moment: who is typing, where a pointer is. @default false
   */
  readonly ephemeral?: boolean;
  /**
   * Whether it is the newest state of its key and takes the place of the one that was published so before: who is behind,
   * comes back or comes new gets only the newest of each key. Not together with `ephemeral`. @default false
   */
  readonly latest?: boolean;
  /** What the event is about. @default what the `key` of the channel's definition says */
  readonly key?: string;
}

/** What {@link createPublication} needs. */
export interface PublicationConfig {
  readonly registry: ChannelRegistry;
  readonly maxEventBytes: number;
  /** Whether schemas are run. */
  readonly validate: boolean;
  encode(text: string): Uint8Array;
}

/** Checks and encodes one event for the log. */
export type Publication = (channel: string, data: unknown, options: PublishOptions) => LogRecord;

/**
 * Creates the function that turns what is published into a log record. It throws before anything is recorded.
 *
 * The input of the schema is sent, not its output: clients apply the same schema, and a transform must not run twice.
 */
export function createPublication({ registry, maxEventBytes, validate, encode }: PublicationConfig): Publication {
  function checkSize(channel: string, body: string) {
    // No character takes more than three bytes per UTF-16 unit, so most events need no exact count.
    if (body.length * 3 <= maxEventBytes) return;
    const bytes = encode(body).byteLength;
    if (bytes > maxEventBytes) throw new PayloadTooLargeError(channel, bytes, maxEventBytes);
  }

  return (channel, data, { raw = false, ephemeral = false, latest = false, key: ownKey }) => {
    if (typeof latest !== "boolean") throw new OptionError("latest", "use true or false.");
    if (latest && ephemeral)
      throw new OptionError("latest", "an ephemeral event is not kept. Leave one of the two out.");
    if (ownKey !== undefined && typeof ownKey !== "string") throw new OptionError("key", "use a string.");
    const definition = registry.definitionOf(channel);
    const text = raw ? rawText(channel, data) : toJson(channel, data);
    const checked = raw || !validate ? data : check(channel, definition, data);
    const key = ownKey ?? (raw ? undefined : keyOf(channel, definition, checked));
    const body = encodeFrame({ event: definition.event ?? channel, data: text });
    checkSize(channel, body);
    return ephemeral ? { channel, body, key, ephemeral } : { channel, body, key, latest };
  };
}

function rawText(channel: string, data: unknown): string {
  if (typeof data === "string") return data;
  throw new InvalidDataError(channel, "raw: true takes a string.");
}

function toJson(channel: string, data: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(data);
  } catch (cause) {
    throw new InvalidDataError(channel, "it cannot be written as JSON.", [], cause);
  }
  if (text === undefined) throw new InvalidDataError(channel, "it has no JSON form; use null for nothing.");
  return text;
}

function check(channel: string, { schema }: ChannelDefinition, data: unknown): unknown {
  if (schema === undefined) return data;
  const result = (schema as StandardSchema)["~standard"].validate(data);
  if (result instanceof Promise) {
    result.catch(() => {});
    throw new InvalidDataError(channel, "its schema is asynchronous. Use one that is not, or set validate: false.");
  }
  if (!result.issues) return result.value;
  throw new InvalidDataError(channel, result.issues.map((issue) => issue.message).join("; "), result.issues);
}

function keyOf(channel: string, { key }: ChannelDefinition, data: unknown): string | undefined {
  const value: unknown = key?.(data);
  if (value === undefined || typeof value === "string") return value;
  throw new InvalidDataError(channel, "key must return a string.");
}
