/** A limit, and what was measured against it. */
export interface Check {
  readonly what: string;
  readonly value: number;
  /** The most it may be, or exactly what it must be. */
  readonly limit: number;
  readonly kind: "most" | "exactly";
}

/** What one benchmark found. */
export interface Report {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly checks: readonly Check[];
}

export function isPassed({ value, limit, kind }: Check): boolean {
  return kind === "most" ? value <= limit : value === limit;
}

/** The table, and a line for each limit. */
export function toLines({ title, columns, rows, checks }: Report): string[] {
  const cells = [columns, ...rows].map((row) => row.map(toCell));
  const chars = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isText = columns.map((_, column) => rows.every((row) => typeof row[column] === "string"));
  const align = (cell: string, column: number) =>
    isText[column] ? cell.padEnd(chars[column]!) : cell.padStart(chars[column]!);
  return [title, ...cells.map((row) => row.map(align).join("  ").trimEnd()), ...checks.map(toVerdict), ""];
}

function toVerdict(check: Check): string {
  const limit = check.kind === "most" ? `at most ${check.limit}` : `exactly ${check.limit}`;
  return `${isPassed(check) ? "PASS" : "FAIL"}  ${check.what}: ${toCell(check.value)} (${limit})`;
}

function toCell(value: string | number): string {
  if (typeof value === "string") return value;
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(2);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

export function toRange(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;
}
