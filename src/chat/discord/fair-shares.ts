/** Shares out room: who wants little gets all of it, and what is left is the same for everybody else (max-min fairness). */

/** Whole numbers, each at most what was wanted, together at most `room`. */
export function fairShares(wants: readonly number[], room: number): number[] {
  const shares = wants.map(() => 0);
  let left = Math.max(0, room);
  const smallestFirst = [...wants.entries()].sort(([, a], [, b]) => a - b);
  for (const [turn, [index, want]] of smallestFirst.entries()) {
    const share = Math.min(want, Math.floor(left / (wants.length - turn)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
