/** Commits a pending value and returns what then tells its subscribers. */
type Commit = () => () => void;

/** Returns a function that has a value committed at the next flush, once however often it is called. */
export type Batch = (commit: Commit) => () => void;

/**
 * Collects changes and publishes them together, once per frame.
 *
 * @param requestFlush - asks for one call in the next frame, see `Environment`
 */
export function createBatch(requestFlush: (callback: () => void) => void): Batch {
  let pending: Commit[] = [];
  const flush = () => {
    const commits = pending;
    pending = [];
    // Every value is in place before anyone is told, so a subscriber that reads two of them sees one moment.
    for (const notify of commits.map((commit) => commit())) notify();
  };
  return (commit) => {
    let isPending = false;
    const run = () => {
      isPending = false;
      return commit();
    };
    return () => {
      if (isPending) return;
      isPending = true;
      if (pending.push(run) === 1) requestFlush(flush);
    };
  };
}
