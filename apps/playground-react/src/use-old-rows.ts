import type { Gap } from "@x/sse-react";
import { isOld, noteLoss } from "playground-shared/old-rows";
import { useState } from "react";

/** Tells the rows that have been there since before the loss, and so may be out of date. */
export function useOldRows<Row>(rows: ReadonlyMap<string, Row>, gap: Gap | null): (key: string, row: Row) => boolean {
  const [last, setLast] = useState(() => noteLoss(undefined, gap, rows));
  const loss = noteLoss(last, gap, rows);
  if (loss !== last) setLast(loss);
  return (key, row) => isOld(loss, key, row);
}
