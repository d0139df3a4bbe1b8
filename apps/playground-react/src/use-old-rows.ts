import type { Gap } from "@x/sse-react";
import { useState } from "react";

interface Loss<Row> {
  readonly gap: Gap | null;
  readonly rows: ReadonlyMap<string, Row>;
}

/** Tells the rows that have been there since before the loss, and so may be out of date. */
export function useOldRows<Row>(rows: ReadonlyMap<string, Row>, gap: Gap | null): (key: string, row: Row) => boolean {
  const [loss, setLoss] = useState<Loss<Row>>({ gap: null, rows });
  if (loss.gap !== gap) setLoss({ gap, rows });
  return (key, row) => gap !== null && loss.gap === gap && loss.rows.get(key) === row;
}
