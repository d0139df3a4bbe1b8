import { type ComputedRef, computed } from "vue";

/** A view taken apart: each field a ref of its own. */
export type ViewRefs<View> = { readonly [Field in keyof View]: ComputedRef<View[Field]> };

export function toViewRefs<View extends object>(view: ComputedRef<View>): ViewRefs<View> {
  const fields = Object.keys(view.value) as (keyof View)[];
  return Object.fromEntries(fields.map((field) => [field, computed(() => view.value[field])])) as ViewRefs<View>;
}
