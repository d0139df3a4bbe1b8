/**
 * A value made of state: the same until that state changes, also after the component around has left. What making it
 * throws is thrown to whoever reads it, rather than to the component that asked for it.
 */
export function compute<T>(from: () => T): () => T {
  // A server runs no effects, and nothing changes there.
  let read = from;
  $effect.root(() => {
    let failure: { error: unknown } | undefined;
    const value = $derived.by(() => {
      failure = undefined;
      try {
        return from();
      } catch (error) {
        failure = { error };
        return failure as T;
      }
    });
    read = () => {
      const current = value;
      if (failure) throw failure.error;
      return current;
    };
  });
  return read;
}
