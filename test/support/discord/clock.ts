/** The platform's own clock: real time plus what a test let pass. Tokens, nonces and rate limits are judged by it. */

export interface PlatformClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Lets time pass at once, and tells whoever waits for a deadline. */
  advance(milliseconds: number): void;
  onAdvance(listener: () => void): void;
}

export function platformClock(): PlatformClock {
  let ahead = 0;
  const listeners: (() => void)[] = [];
  return {
    now: () => Date.now() + ahead,
    advance(milliseconds) {
      ahead += milliseconds;
      for (const listener of listeners) listener();
    },
    onAdvance: (listener) => void listeners.push(listener),
  };
}
