import type { SSEError } from "@x/sse-core";
import type { Figures } from "playground-server/channels";
import { formatBytes, formatDuration, formatInteger } from "./format.ts";
import { ownName } from "./guest.ts";
import type { Figure } from "./health-figures.ts";

const figures: readonly (readonly [name: string, label: string, text: (figures: Figures) => string])[] = [
  ["streams", "Open streams", ({ streams }) => formatInteger(streams)],
  ["users", "Users here", ({ users }) => formatInteger(users)],
  ["published", "Events published", ({ published }) => formatInteger(published)],
  ["delivered", "Events delivered", ({ delivered }) => formatInteger(delivered)],
  ["buffered", "Buffered for peers", ({ bufferedBytes }) => formatBytes(bufferedBytes)],
  ["gaps", "Gaps told", ({ gaps }) => formatInteger(gaps)],
  ["heap", "Heap in use", ({ heapBytes }) => formatBytes(heapBytes)],
  ["rss", "Memory (RSS)", ({ rssBytes }) => formatBytes(rssBytes)],
  ["uptime", "Uptime", ({ uptimeMs }) => formatDuration(uptimeMs)],
];

/** A figure of the server; its text is empty while it is not known. */
export type ServerFigure = Figure;

/** @param latest - `undefined` before the first */
export function serverFiguresOf(latest: Figures | undefined): readonly ServerFigure[] {
  return [
    { name: "you", label: "You are", text: ownName },
    ...figures.map(([name, label, text]) => ({ name, label, text: latest ? text(latest) : "" })),
  ];
}

/** Stands beside the heading. */
export function describeFigures(error: SSEError | null): string {
  return error ? `No figures: ${error.message}` : "every two seconds";
}

/** Where the figures can be had without a stream. */
export const figureLinks = [
  { href: "/api/metrics", label: "Metrics for Prometheus" },
  { href: "/api/stats", label: "All figures as JSON" },
] as const;
