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
    const message = `A message on "${channel}" was skipped: ${cause}. See "raw".`;
    throw new SSEError("decode", message, { channel, id, raw, issues, cause });
  };
  const take = (result: SchemaResult<Data>): Data =>
    result.issues ? refuse(result.issues[0]?.message, result.issues) : result.value;
  let result: SchemaResult<Data> | Promise<SchemaResult<Data>>;
  try {
    const value = JSON.parse(raw);
    result = definition?.schema?.["~standard"].validate(value) ?? { value };
  } catch (cause) {
    return definition ? refuse(cause) : (raw as Data);
  }
  return result instanceof Promise ? result.then(take, refuse) : take(result);
}
