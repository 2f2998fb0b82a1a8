/** Results of a pure function that is asked the same over and over, such as a hash: they are worked out once. */

/** `most`: how many results are kept; with one more, all are forgotten. */
export function remembered<T>(most: number): (key: string, make: () => T) => T {
  const known = new Map<string, { value: T }>();
  return (key, make) => {
    const before = known.get(key);
    if (before !== undefined) return before.value;
    const value = make();
    if (known.size >= most) known.clear();
    known.set(key, { value });
    return value;
  };
}
