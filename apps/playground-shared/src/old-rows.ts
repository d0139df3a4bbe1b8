import type { Gap } from "@x/sse-core";

type Rows<Row> = ReadonlyMap<string, Row>;

/** The rows as they were when something was lost. */
export interface RowsAtLoss<Row> {
  readonly gap: Gap | null;
  readonly rows: Rows<Row>;
}

/** @param last - what was noted before; it stays until the gap is another one */
export function noteLoss<Row>(last: RowsAtLoss<Row> | undefined, gap: Gap | null, rows: Rows<Row>): RowsAtLoss<Row> {
  return last?.gap === gap ? last : { gap, rows };
}

/** Tells whether a row has been there since before the loss, and so may be out of date. */
export function isOld<Row>({ gap, rows }: RowsAtLoss<Row>, key: string, row: Row): boolean {
  return gap !== null && rows.get(key) === row;
}
