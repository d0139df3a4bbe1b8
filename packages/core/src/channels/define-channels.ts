import { SSEError } from "../errors.ts";

/**
 * The part of the Standard Schema interface (version 1) that is used here: any validator that implements it fits.
 * Source: the Standard Schema specification.
 */
export interface StandardSchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** What is known of one channel. Everything is optional; `{}` is a channel of `unknown` data. */
export interface ChannelDefinition<Data> {
  /** The SSE event name that carries the channel; a pattern cannot set it. @default the channel's own name */
  readonly event?: string;
  /** Checks and converts the data, after `JSON.parse`. @default none: data is passed on as parsed */
  readonly schema?: StandardSchema<Data>;
  /**
   * Which of several things a message is about; the channel's `state` keeps the newest message's data per key.
   * (Declared as a method so that a definition of some data type passes where any definition is taken.)
   */
  key?(data: Data): string;
}

/** Channel names and patterns (`chat/*`, `orders/**`), and the data type of each. */
export type ChannelMap = Record<string, unknown>;

/** What {@link defineChannels} returns: the definitions, typed by the data they carry. */
export type Channels<T extends ChannelMap> = { readonly [Name in keyof T]: ChannelDefinition<T[Name]> };

/**
 * Describes the channels of an application once, for its clients and its server.
 *
 * @throws SSEError `invalid-channel` for a name or an event name that cannot work
 * @example
 * const channels = defineChannels({
 *   prices: { event: "price", schema: Price, key: (price) => price.symbol },
 *   "chat/*": { schema: ChatMessage },
 *   alerts: type<Alert>(),
 * });
 */
export function defineChannels<T extends ChannelMap>(definitions: Channels<T>): Channels<T> {
  const owners = new Map<string, string>();
  for (const [name, { event = name }] of Object.entries<ChannelDefinition<unknown>>(definitions)) {
    const fail = (why: string) => {
      throw new SSEError("invalid-channel", `Channel "${name}": ${why}`, { channel: name });
    };
    if (!/^[^\r\n\0,]+$/.test(name) || !/^[^\r\n\0]+$/.test(event))
      fail("a name is needed, without line breaks, NUL or commas.");
    if (/^(sse\.|@)/.test(name) || event.startsWith("sse."))
      fail('names that begin with "sse." or "@" are reserved. Rename it.');
    if (
      name
        .split("/")
        .some((part, index, { length }) => !/^(\*|[^*]*)$/.test(part) && (part !== "**" || index + 1 < length))
    )
      fail("in a pattern * is a whole segment and ** is the last one.");
    if (name.includes("*") && event !== name) fail("the event names of a pattern are its channels. Take event away.");
    const owner = owners.get(event);
    if (owner !== undefined) fail(`the event name "${event}" belongs to channel "${owner}" already. Set another one.`);
    owners.set(event, name);
  }
  return definitions;
}

/**
 * A channel whose data type is only stated, not checked.
 *
 * @example
 * defineChannels({ alerts: type<Alert>(), prices: { ...type<Price>(), key: (price) => price.symbol } });
 */
export function type<Data>(): ChannelDefinition<Data> {
  return {};
}

/** The concrete names a name or pattern stands for, as a type. */
type ConcreteName<Name extends string> = Name extends `${infer Head}**`
  ? `${Head}${string}`
  : Name extends `${infer Head}*${infer Tail}`
    ? `${Head}${string}${ConcreteName<Tail>}`
    : Name;

/** Every name that may be asked for: those defined, patterns included, and those that a pattern covers. */
export type ChannelName<T extends ChannelMap> = { [Name in keyof T & string]: ConcreteName<Name> }[keyof T & string];

/** The data type of a channel. A definition of its own beats the patterns that also cover it. */
export type ChannelData<T extends ChannelMap, Name extends string> = Name extends keyof T
  ? T[Name]
  : { [Key in keyof T & string]: Name extends ConcreteName<Key> ? T[Key] : never }[keyof T & string];
