import type { Gap } from "@x/sse-svelte";
import { isOld, noteLoss } from "playground-shared/old-rows";
import { untrack } from "svelte";

/** Tells the rows that have been there since before the loss, and so may be out of date. */
export function useOldRows<Row>(
  rows: () => ReadonlyMap<string, Row>,
  gap: () => Gap | null,
): (key: string, row: Row) => boolean {
  let loss = $state.raw(noteLoss(undefined, gap(), rows()));
  // Noted when it happens, not when a row is first shown: what comes after a loss is not old.
  $effect.pre(() => {
    const next = gap();
    untrack(() => {
      loss = noteLoss(loss, next, rows());
    });
  });
  return (key, row) => isOld(loss, key, row);
}
