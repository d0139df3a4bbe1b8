import type { SSEError } from "@x/sse-core";
import type { Quote } from "playground-server/channels";
import { listings } from "playground-server/listings";

export const COLUMNS = 4;

const companies = new Map(listings.map(({ symbol, company }) => [symbol, company]));

export const companyOf = (symbol: string): string => companies.get(symbol) ?? "";

/** By symbol, so that no row ever changes place. */
export function sortQuotes(quotes: ReadonlyMap<string, Quote>): readonly Quote[] {
  return [...quotes.values()].sort((a, b) => a.symbol.localeCompare(b.symbol));
}

export function directionOf(change: number): "flat" | "up" | "down" {
  return change === 0 ? "flat" : change > 0 ? "up" : "down";
}

/** Stands in the empty table; `null` while skeletons do. */
export function describeNoQuotes(isLoading: boolean, error: SSEError | null): string | null {
  if (error) return `No prices: ${error.message}`;
  return isLoading ? null : "No prices yet. Each symbol appears with its first trade.";
}
