import { SSEError } from "../errors.ts";
import type { RawEvent } from "../transport/transport.ts";
import type { ChannelDefinition, SchemaIssue, SchemaResult } from "./define-channels.ts";

/**
 * Turns an event's data into a channel's data: JSON, then the channel's schema. On a channel nobody described, what is
 * not JSON stays text.
 *
 * @returns the data, or a promise of it where the schema is asynchronous
 * @throws anything, see {@link toDecodeError} (as a rejection where the schema is asynchronous)
 */
export function decode<Data>(
  { data }: RawEvent,
  definition: ChannelDefinition<Data> | undefined,
): Data | Promise<Data> {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    if (definition) throw error;
    value = data;
  }
  const result = definition?.schema?.["~standard"].validate(value);
  if (!result) return value as Data;
  return "then" in result ? Promise.resolve(result).then(take) : take(result);
}

function take<Data>(result: SchemaResult<Data>): Data {
  if (result.issues) throw result.issues;
  return result.value;
}

/** What a user is told when decoding has thrown: an error, or the issues of a schema. */
export function toDecodeError(thrown: unknown, { data: raw, id }: RawEvent, channel: string): SSEError {
  const issues = Array.isArray(thrown) ? (thrown as SchemaIssue[]) : undefined;
  const cause = issues ? issues[0]?.message : thrown;
  const message = `A message on "${channel}" was skipped: ${cause}. See "raw".`;
  return new SSEError("decode", message, { channel, id, raw, issues, cause });
}
