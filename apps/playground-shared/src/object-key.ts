const keys = new WeakMap<object, number>();
let last = 0;

/** A key for lists of things that have none of their own: the same for the same object. */
export function objectKey(object: object): number {
  const key = keys.get(object) ?? ++last;
  keys.set(object, key);
  return key;
}
