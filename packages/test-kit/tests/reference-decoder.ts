import type { DecodedEvent } from "../src/decoding-vectors.ts";

/** What a stream decodes to. */
export interface Decoded {
  events: DecodedEvent[];
  cursor: string;
  retryMs?: number;
}

/** The algorithm of HTML §9.2.5 and §9.2.6, word for word, over the whole text at once. */
export function referenceDecoder(bytes: Uint8Array): Decoded {
  const text = new TextDecoder("utf-8").decode(bytes);
  // What follows the last terminator is not a line: "any pending data must be discarded".
  const lines = text.split(/\r\n|\n|\r/u).slice(0, -1);

  let data = "";
  let type = "";
  let lastEventIdBuffer = "";
  const decoded: Decoded = { events: [], cursor: "" };

  const dispatch = (): void => {
    decoded.cursor = lastEventIdBuffer;
    if (data !== "") {
      if (data.endsWith("\n")) data = data.slice(0, -1);
      decoded.events.push({ type: type === "" ? "message" : type, data, lastEventId: decoded.cursor });
    }
    data = "";
    type = "";
  };

  const process = (field: string, value: string): void => {
    switch (field) {
      case "event":
        type = value;
        break;
      case "data":
        data += `${value}\n`;
        break;
      case "id":
        if (!value.includes("\0")) lastEventIdBuffer = value;
        break;
      case "retry":
        if (/^[0-9]+$/u.test(value)) decoded.retryMs = Number.parseInt(value, 10);
        break;
    }
  };

  for (const line of lines) {
    const colon = line.indexOf(":");
    if (line === "") dispatch();
    else if (colon === -1) process(line, "");
    else if (colon > 0) {
      const value = line.slice(colon + 1);
      process(line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value);
    }
  }
  return decoded;
}
