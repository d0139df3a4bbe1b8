/** A value, or a function that gives it. What the function reads of `$state` is followed. */
export type MaybeGetter<T> = T | (() => T);

export function toValue<T>(source: MaybeGetter<T>): T {
  return typeof source === "function" ? (source as () => T)() : source;
}
