/**
 * What was added up as far as some block, at several blocks: where something before the newest of them turns out to be
 * otherwise, it is added up again from the one before that. The further back, the fewer there are.
 */

export interface Rung<T> {
  /** Number of the newest block that is in it. */
  to: bigint;
  tally: T;
}

/** Those that hold after what is known of a block, and of any after it, changed. */
export function before<T>(rungs: readonly Rung<T>[], changed: bigint): Rung<T>[] {
  return rungs.filter(({ to }) => to < changed);
}

/** Oldest first; of two neighbours the older one is about twice as far from the newest as the other, or they are all there were. */
export function thinned<T>(rungs: readonly Rung<T>[]): Rung<T>[] {
  const newest = rungs.at(-1)?.to ?? 0n;
  const kept: Rung<T>[] = [];
  for (const [index, rung] of rungs.entries()) {
    const older = kept.at(-1);
    const newer = rungs[index + 1];
    const isBetween = older !== undefined && newer !== undefined && newest - older.to <= 2n * (newest - newer.to);
    if (!isBetween) kept.push(rung);
  }
  return kept;
}
