/**
 * What a life holds of the world: its database, its chains and its chat. A life that loses its hold is over as if it
 * had been killed: whatever it knew is of no use to anybody. Its process lives on, and can begin the next one, which
 * takes a tenth of the time of a new process.
 */

export interface Hold {
  /** Makes a call to the world; it never returns once the hold is lost, and is not made then. */
  through<T>(call: () => Promise<T>): Promise<T>;
  /** Calls that were under way end first, as they may after a kill; nobody hears how. */
  lose(): Promise<void>;
  readonly lost: boolean;
}

export function takeHold(): Hold {
  const underWay = new Set<Promise<unknown>>();
  let lost = false;
  const never = <T>() => new Promise<T>(() => undefined);
  return {
    get lost() {
      return lost;
    },
    async through<T>(call: () => Promise<T>): Promise<T> {
      if (lost) return never();
      const answer = call();
      const ended: Promise<unknown> = answer.then(
        () => underWay.delete(ended),
        () => underWay.delete(ended),
      );
      underWay.add(ended);
      try {
        const value = await answer;
        return lost ? never() : value;
      } catch (fault) {
        if (lost) return never();
        throw fault;
      }
    },
    async lose() {
      lost = true;
      await Promise.all(underWay);
    },
  };
}
