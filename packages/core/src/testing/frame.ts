/** One block of an event stream. */
export interface Frame {
  readonly comment?: string | undefined;
  readonly retry?: number | undefined;
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly data?: string | undefined;
}

/** Writes a block, blank line included. */
export function formatFrame({ comment, retry, id, event, data }: Frame): string {
  const lines = [
    ...toLines(":", comment),
    ...toLine("retry", retry),
    ...toLine("id", id),
    ...toLine("event", event),
    ...toLines("data:", data),
  ];
  return `${lines.join("\n")}\n\n`;
}

/** Writes a block of the protocol itself. */
export function formatControl(event: string, data: object): string {
  return formatFrame({ event, data: JSON.stringify(data) });
}

function toLine(field: string, value: string | number | undefined): string[] {
  if (value === undefined) return [];
  if (/[\r\n\0]/.test(`${value}`))
    throw new Error(`A line break or NUL in "${field}" breaks the frame. Send it with raw().`);
  return [`${field}: ${value}`];
}

function toLines(prefix: string, text: string | undefined): string[] {
  return text === undefined ? [] : text.split(/\r\n|\r|\n/).map((line) => `${prefix} ${line}`);
}
