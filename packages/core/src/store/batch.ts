/** Commits a pending value and returns what then tells its subscribers. */
type Commit = () => () => void;

/** Has a value committed at the next flush, once however often it is asked for. */
export type Batch = (commit: Commit) => void;

/**
 * Collects changes and publishes them together, once per frame.
 *
 * @param requestFlush - asks for one call in the next frame, see `Environment`
 */
export function createBatch(requestFlush: (callback: () => void) => void): Batch {
  let pending = new Set<Commit>();
  const flush = () => {
    const commits = [...pending];
    pending = new Set();
    // Every value is in place before anyone is told, so a subscriber that reads two of them sees one moment.
    for (const notify of commits.map((commit) => commit())) notify();
  };
  return (commit) => {
    if (pending.size === 0) requestFlush(flush);
    pending.add(commit);
  };
}
