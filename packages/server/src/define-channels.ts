import { checkChannelName, checkSubscriptionName } from "./channel-name.ts";
import { ChannelDefinitionError } from "./errors.ts";
import { compilePattern, isPattern } from "./pattern.ts";
import type { SchemaInput, SchemaOutput, StandardSchema } from "./standard-schema.ts";

/** What is known about one channel, or about every channel a pattern covers. */
export interface ChannelDefinition<Schema = unknown> {
  /** Event name on the wire. A pattern may not set it: there it is the concrete channel. @default the channel's name */
  readonly event?: string;
  /** Any Standard Schema. The server checks what is published and sends the input; clients apply it again. @default none */
  readonly schema?: Schema;
  /** Names the thing an event is about, so that `latest` and `initial: "last"` keep one event per thing. @default none */
  key?(data: SchemaOutput<Schema>): string;
}

/** Channel names and patterns with their definitions. */
export type ChannelDefinitions = Readonly<Record<string, ChannelDefinition>>;

/** Stands for whatever definitions there are: a helper that takes a `Hub` takes every hub. */
// biome-ignore lint/suspicious/noExplicitAny: what is published to makes each hub unlike the others, and nothing else fits all.
export type AnyChannelDefinitions = any;

/** Definitions by the schema of each channel. Where none was given, any would do. */
export type ChannelDefinitionsOf<Schemas> = {
  readonly [Name in keyof Schemas]: ChannelDefinition<unknown extends Schemas[Name] ? StandardSchema : Schemas[Name]>;
};

/** The concrete names a name or pattern stands for, as a type. */
type ConcreteName<Name extends string> = Name extends `${infer Head}**`
  ? `${Head}${string}`
  : Name extends `${infer Head}*${infer Tail}`
    ? `${Head}${string}${ConcreteName<Tail>}`
    : Name;

/** Every channel that can be published to. */
export type ChannelName<Definitions> = { [Name in keyof Definitions & string]: ConcreteName<Name> }[keyof Definitions &
  string];

/** What `publish` takes for a channel: the input of its schema. A name beats the patterns that also cover it. */
export type ChannelInput<Definitions, Name extends string> = Name extends keyof Definitions
  ? DefinitionInput<Definitions[Name]>
  : {
      [Key in keyof Definitions & string]: Name extends ConcreteName<Key> ? DefinitionInput<Definitions[Key]> : never;
    }[keyof Definitions & string];

type DefinitionInput<Definition> = Definition extends { readonly schema?: infer Schema }
  ? SchemaInput<Schema>
  : unknown;

/**
 * Gives a channel a type without anything that runs.
 *
 * @example
 * defineChannels({ price: type<{ symbol: string; value: number }>() });
 */
export function type<Data>(): { readonly schema?: StandardSchema<Data> } {
  return {};
}

/**
 * Describes the channels of an application, for the server and its clients alike.
 *
 * @throws {ChannelDefinitionError} when two definitions share an event name, a pattern sets `event`, or a field is unknown.
 * @throws {ChannelNameError | ReservedEventError} when a name cannot be one.
 *
 * @example
 * const channels = defineChannels({
 *   orders: { event: "order", schema: Order, key: (order) => order.id },
 *   "chat/*": { schema: ChatMessage },
 * });
 */
export function defineChannels<Schemas>(
  definitions: {
    readonly [Name in keyof Schemas]: {
      readonly event?: string;
      readonly schema?: Schemas[Name] & StandardSchema;
      readonly key?: (data: SchemaOutput<Schemas[Name]>) => string;
    };
  },
): ChannelDefinitionsOf<Schemas> {
  checkDefinitions(definitions as ChannelDefinitions);
  return Object.freeze({ ...definitions }) as ChannelDefinitionsOf<Schemas>;
}

/** Throws what `defineChannels` documents. Exists apart because a hub also accepts a plain record. */
export function checkDefinitions(definitions: ChannelDefinitions): void {
  const channelOf = new Map<string, string>();
  const patterns = Object.keys(definitions).filter(isPattern);
  for (const [name, definition] of Object.entries(definitions)) {
    checkSubscriptionName(name);
    checkFields(name, definition);
    if (isPattern(name)) continue;
    const event = definition.event ?? name;
    checkChannelName(event);
    const other = channelOf.get(event);
    if (other !== undefined)
      throw new ChannelDefinitionError(name, `its event name "${event}" is already that of "${other}".`);
    // A channel of that name would exist under the pattern, and then two channels would send one event name.
    const pattern = event === name ? undefined : patterns.find((candidate) => compilePattern(candidate)(event));
    if (pattern !== undefined)
      throw new ChannelDefinitionError(name, `its event name "${event}" falls under "${pattern}".`);
    channelOf.set(event, name);
  }
}

const FIELDS = new Set(["event", "schema", "key"]);

function checkFields(name: string, definition: ChannelDefinition): void {
  if (typeof definition !== "object" || definition === null) {
    throw new ChannelDefinitionError(name, "it must be an object with event, schema or key, or type<T>().");
  }
  for (const field of Object.keys(definition)) {
    if (!FIELDS.has(field))
      throw new ChannelDefinitionError(name, `unknown field "${field}"; there are event, schema and key.`);
  }
  const { event, schema, key } = definition;
  if (event !== undefined && isPattern(name)) throw new ChannelDefinitionError(name, "a pattern may not set event.");
  if (key !== undefined && typeof key !== "function") throw new ChannelDefinitionError(name, "key must be a function.");
  if (
    schema !== undefined &&
    typeof (schema as Partial<StandardSchema> | null)?.["~standard"]?.validate !== "function"
  ) {
    throw new ChannelDefinitionError(name, "schema must be a Standard Schema.");
  }
}
