/** Counts who needs the connection. */
export interface Retention {
  /** Registers a need; the returned function ends it, once however often it is called. */
  retain(): () => void;
  /** Forgets a pending linger. */
  dispose(): void;
}

/**
 * @param onRetain - told when the first need comes; also within the linger time of the last one
 * @param onRelease - told when there has been no need for `lingerMs`
 */
export function createRetention(
  lingerMs: number,
  setTimer: (callback: () => void, delayMs: number) => () => void,
  onRetain: () => void,
  onRelease: () => void,
): Retention {
  let count = 0;
  let dispose = () => {};
  return {
    retain() {
      if (count++ === 0) {
        dispose();
        onRetain();
      }
      let isHeld = true;
      return () => {
        if (isHeld && --count === 0) dispose = setTimer(onRelease, lingerMs);
        isHeld = false;
      };
    },
    dispose: () => dispose(),
  };
}
