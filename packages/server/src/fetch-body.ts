import type { JsonAnswer } from "./json-answer.ts";
import { createBodyBuffer, TOO_LARGE, UNREADABLE } from "./request-body.ts";

/** Reads the body of a Fetch request, or says with an answer why it cannot be read. */
export async function readFetchBody({ body, bodyUsed }: Request): Promise<{ text: string } | { failure: JsonAnswer }> {
  if (bodyUsed) return { failure: UNREADABLE };
  const buffer = createBodyBuffer();
  try {
    // Leaving the loop early cancels the rest.
    for await (const chunk of body ?? []) if (!buffer.add(chunk)) return { failure: TOO_LARGE };
  } catch {
    return { failure: UNREADABLE };
  }
  return { text: buffer.text() };
}
