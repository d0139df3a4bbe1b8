import type { Gap } from "@x/sse-vue";
import { isOld, noteLoss } from "playground-shared/old-rows";
import { type Ref, shallowRef, watch } from "vue";

/** Tells the rows that have been there since before the loss, and so may be out of date. */
export function useOldRows<Row>(
  rows: Readonly<Ref<ReadonlyMap<string, Row>>>,
  gap: Readonly<Ref<Gap | null>>,
): (key: string, row: Row) => boolean {
  const loss = shallowRef(noteLoss(undefined, gap.value, rows.value));
  // Noted when it happens, not when a row is first shown: what comes after a loss is not old.
  watch(gap, () => {
    loss.value = noteLoss(loss.value, gap.value, rows.value);
  });
  return (key, row) => isOld(loss.value, key, row);
}
