/** What is known of where a request comes from. */
export interface IpSources {
  /** What the application says. */
  readonly given: string | undefined;
  /** The `X-Forwarded-For` header: what each proxy adds the address it was called from to. */
  readonly forwardedFor: string | null;
  /** Address of whoever opened the connection. */
  readonly address: string | undefined;
  /** Number of proxies in front of the hub. */
  readonly trustProxy: number;
}

/**
 * Finds the client's address. Of the header only what the outermost trusted proxy has added counts: everything left of it
 * is the client's to invent.
 */
export function clientIp({ given, forwardedFor, address, trustProxy }: IpSources): string | undefined {
  // Anything that tells clients apart will do, a digest for instance.
  if (given) return normaliseIp(given) ?? given;
  const hops = trustProxy > 0 ? (forwardedFor?.split(",") ?? []) : [];
  const forwarded = normaliseIp(hops.at(-trustProxy) ?? "");
  return forwarded ?? (address ? (normaliseIp(address) ?? address) : undefined);
}

/** One spelling for each address; `undefined` for what is none. A port is left out, and a zone. */
export function normaliseIp(text: string): string | undefined {
  const trimmed = text.trim().toLowerCase();
  const v4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/.exec(trimmed)?.[1];
  if (v4) return normaliseV4(v4);
  const v6 = /^(?:\[([\d.:a-f]+)(?:%[^\]]*)?\](?::\d+)?|([\d.:a-f]+)(?:%.*)?)$/.exec(trimmed);
  return v6 ? normaliseV6(v6[1] ?? v6[2]!) : undefined;
}

/**
 * What is counted as one place: an IPv4 address, the first 64 bits of an IPv6 one, and what is no address as it is. Whoever
 * has one IPv6 address has the rest of its 64 bits, too, and could take a new one for each stream.
 */
export function networkOf(ip: string): string {
  const address = ip.includes(":") ? normaliseIp(ip) : undefined;
  if (!address?.includes(":")) return address ?? ip;
  const [start = "", end] = address.split("::");
  const left = start === "" ? [] : start.split(":");
  const right = end ? end.split(":") : [];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}

function normaliseV4(text: string): string | undefined {
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte < 256) ? bytes.join(".") : undefined;
}

function normaliseV6(text: string): string | undefined {
  // The one parser that every platform has; it shortens zeros, and writes an embedded IPv4 address in hexadecimal.
  if (!URL.canParse(`http://[${text}]`)) return undefined;
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(short);
  if (!mapped) return short;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
