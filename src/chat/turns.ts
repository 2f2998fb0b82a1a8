/** Work begins one piece a turn of the event loop, so that what arrives meanwhile is acknowledged before it. */

/**
 * Gives a function that resolves when the caller's turn has come, in the order of the calls. The store answers without
 * leaving the event loop, so a burst of commands would otherwise be worked off as one piece, and every acknowledgement
 * would wait for all of it.
 */
export function turns(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const next = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(next);
    });
}
