/** Work that must not overlap. */

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Runs each piece of work after the ones given before it, whether those failed or not. */
export function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result.catch(() => undefined);
    return result;
  };
}
