/** A cap on requests with a link that is no good, for everybody together: trying must not help, and good links are never held up. */

export interface FailureLimit {
  /** Counts one more; false where there were too many in this minute. */
  another(): boolean;
}

/** In a minute: guessing 128 bits and more is not helped by trying, so this spares the log and the machine. */
const mostFailures = 120;

/** `now`: wall time in seconds. */
export function failureLimit(now: () => bigint): FailureLimit {
  let since = 0n;
  let count = 0;
  return {
    another() {
      if (now() >= since + 60n) {
        since = now();
        count = 0;
      }
      count += 1;
      return count <= mostFailures;
    },
  };
}
