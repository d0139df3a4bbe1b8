import type { Stats } from "@x/sse-core";
import { channelNames } from "playground-server/channels";
import { formatAge, formatBytes, formatInteger } from "./format.ts";

/** Something counted or measured on this page. */
export interface Figure {
  readonly name: string;
  readonly label: string;
  readonly text: string;
}

const counters = [
  ["messages", "Messages"],
  ["connects", "Streams"],
  ["reconnects", "Reconnects"],
  ["duplicates", "Duplicates"],
  ["gaps", "Gaps"],
  ["invalid", "Invalid"],
] as const satisfies readonly (readonly [keyof Stats, string])[];

/** @param now - ms since 1970 */
export function figuresOf(stats: Stats, now: number): readonly Figure[] {
  const { bytes, lastByteAt, lastMessageAt, latencyMs } = stats;
  const ageOf = (time: number | null) => (time === null ? "–" : formatAge(now - time));
  const latency = latencyMs === null ? "–" : `${formatInteger(Math.max(0, Math.round(latencyMs)))} ms`;
  return [
    { name: "bytes", label: "Received", text: formatBytes(bytes) },
    { name: "last-byte", label: "Last byte", text: ageOf(lastByteAt) },
    { name: "last-message", label: "Last message", text: ageOf(lastMessageAt) },
    { name: "latency", label: "Latency", text: latency },
    ...counters.map(([name, label]) => ({ name, label, text: formatInteger(stats[name]) })),
  ];
}

/** What one channel brought. */
export interface ChannelFigures {
  readonly name: string;
  readonly isSubscribed: boolean;
  readonly messages: string;
}

/** @param subscribed - the channels that something on the page shows */
export function channelFiguresOf({ channels }: Stats, subscribed: readonly string[]): readonly ChannelFigures[] {
  return channelNames.map((name) => ({
    name,
    isSubscribed: subscribed.includes(name),
    messages: formatInteger(channels[name] ?? 0),
  }));
}
