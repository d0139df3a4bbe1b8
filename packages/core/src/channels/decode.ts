import { SSEError } from "../errors.ts";
import type { RawEvent } from "../transport/transport.ts";
import type { ChannelDefinition, SchemaIssue, SchemaResult } from "./define-channels.ts";

/**
 * Turns an event's data into a channel's data: JSON, then the channel's schema. On a channel nobody described, what is
 * not JSON stays text.
 *
 * @returns the data, or a promise of it where the schema is asynchronous
 * @throws SSEError `decode` (as a rejection where the schema is asynchronous)
 */
export function decode<Data>(
  { data: raw, id }: RawEvent,
  definition: ChannelDefinition<Data> | undefined,
  channel: string,
): Data | Promise<Data> {
  const refuse = (cause: unknown, issues?: readonly SchemaIssue[]): never => {
    const why = issues?.[0]?.message ?? cause;
    const details = { channel, id, raw, issues };
    throw SSEError.from(cause, "decode", `A message on "${channel}" was skipped: ${why}. See "raw".`, details);
  };
  const take = (result: SchemaResult<Data>) => (result.issues ? refuse(undefined, result.issues) : result.value);
  try {
    const value = JSON.parse(raw);
    const result = definition?.schema?.["~standard"].validate(value) ?? { value };
    return result instanceof Promise ? result.then(take).catch(refuse) : take(result);
  } catch (cause) {
    return definition ? refuse(cause) : (raw as Data);
  }
}
