import type { IncomingMessage, ServerResponse } from "node:http";
import * as v from "valibot";

/** A request that cannot be carried out; the message is for whoever sent it. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  /** The part of the body at fault; empty for the body as a whole. */
  readonly field: string;
  /** For a 405: the methods that would do. */
  readonly allow: readonly string[];

  constructor(status: number, message: string, { field = "", allow = [] as readonly string[] } = {}) {
    super(message);
    this.status = status;
    this.field = field;
    this.allow = allow;
  }
}

/** No request of this API comes near it. */
const MAX_BODY_BYTES = 4_096;

/**
 * Reads a JSON body. An absent one counts as `{}`.
 *
 * @throws {RequestError} 400 or 413
 */
export async function readJson<Schema extends v.GenericSchema>(
  req: IncomingMessage,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, parse(await readText(req)));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? "";
  throw new RequestError(400, field ? `${field}: ${issue.message}` : issue.message, { field });
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new RequestError(413, `The body exceeds ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RequestError(400, "The body is not JSON.");
  }
  // Valibot takes an array for an object.
  if (Array.isArray(value)) throw new RequestError(400, "The body is no JSON object.");
  return value;
}

export function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  res.end(JSON.stringify(value));
}
