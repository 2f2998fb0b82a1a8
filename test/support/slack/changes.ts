/** Waiting for what people would see, without polling: every change of the platform's state wakes the waiters. */

export interface Changes {
  changed(): void;
  /**
   * Resolves with the predicate's value as soon as it is neither false nor undefined; now, or after a change. Rejects
   * after `seconds`, saying what was waited for and what `describe` shows instead.
   */
  until<T>(predicate: () => T | false | undefined, what: string, seconds?: number): Promise<T>;
}

export function changes(describe: () => string): Changes {
  const waiters = new Set<() => void>();
  return {
    changed: () => {
      for (const waiter of [...waiters]) waiter();
    },
    until: (predicate, what, seconds = 10) =>
      new Promise((resolve, reject) => {
        const look = () => {
          try {
            const value = predicate();
            if (value !== false && value !== undefined) settle(() => resolve(value));
          } catch (fault) {
            settle(() => reject(fault));
          }
        };
        const giveUp = setTimeout(
          () => settle(() => reject(new Error(`Waited ${seconds} s in vain until ${what}. There was: ${describe()}`))),
          seconds * 1000,
        );
        const settle = (end: () => void) => {
          clearTimeout(giveUp);
          waiters.delete(look);
          end();
        };
        waiters.add(look);
        look();
      }),
  };
}
