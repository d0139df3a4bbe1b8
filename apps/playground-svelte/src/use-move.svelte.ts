import { moveTo, type PriceMove } from "playground-shared/price-move";
import { untrack } from "svelte";

/** Where the price went compared with the one shown before. */
export function useMove(price: () => number): { readonly current: PriceMove } {
  let move = $state.raw(moveTo(price(), undefined));
  $effect.pre(() => {
    const next = price();
    untrack(() => {
      move = moveTo(next, move);
    });
  });
  return {
    get current() {
      return move;
    },
  };
}
