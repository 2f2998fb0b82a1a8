/** The platform's time: the real one, moved forward by tests, never waited for. */

export interface PlatformClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Lets so many milliseconds pass at once; what was due in them happens in its order. */
  advance(milliseconds: number): void;
  /** Calls back once when the time has come through {@link advance}. */
  at(time: number, act: () => void): void;
  /** How much is waiting for its time. */
  pending(): number;
}

export function platformClock(): PlatformClock {
  let offset = 0;
  let waiting: { time: number; act: () => void }[] = [];
  const now = () => Date.now() + offset;
  return {
    now,
    advance: (milliseconds) => {
      offset += milliseconds;
      const due = waiting.filter((one) => one.time <= now()).sort((a, b) => a.time - b.time);
      waiting = waiting.filter((one) => one.time > now());
      for (const one of due) one.act();
    },
    pending: () => waiting.length,
    at: (time, act) => {
      waiting.push({ time, act });
    },
  };
}
