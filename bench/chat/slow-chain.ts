/** Chains whose every answer can be made to take its time. */

import type { Chain, Chains } from "../../src/ports.ts";

export interface SlowChains {
  chains: Chains;
  /** Milliseconds before each answer from now on; what waits already goes on waiting, unless it is 0. */
  delay(milliseconds: number): void;
  /** The most answers that were waited for at once since the last delay was set. */
  mostWaiting(): number;
}

/**
 * A simulation is really run once, and its report given again after that: forks of the node on the same two cores are
 * not what is measured.
 */
export function slowChains(real: Chains): SlowChains {
  let milliseconds = 0;
  let most = 0;
  const waiting = new Map<NodeJS.Timeout, () => void>();
  const wait = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        resolve();
      }, milliseconds);
      waiting.set(timer, resolve);
      most = Math.max(most, waiting.size);
    });
  const slowed = (chain: Chain): Chain => {
    let simulated: Promise<unknown> | undefined;
    const onFork = (use: Parameters<Chain["onFork"]>[0]) => {
      simulated ??= chain.onFork(use);
      return simulated;
    };
    return new Proxy(chain, {
      get(target, name) {
        const value: unknown = name === "onFork" ? onFork : target[name as keyof Chain];
        if (typeof value !== "function" || name === "onHead") return value;
        return async (...given: unknown[]) => {
          if (milliseconds > 0) await wait();
          return value.apply(target, given);
        };
      },
    });
  };
  const known = new Map(real.ids.map((id) => [id, slowed(real.get(id))]));
  return {
    chains: { ids: real.ids, get: (id) => known.get(id) ?? real.get(id) },
    delay(wanted) {
      milliseconds = wanted;
      if (wanted > 0) {
        most = 0;
        return;
      }
      for (const [timer, resolve] of waiting) {
        clearTimeout(timer);
        resolve();
      }
      waiting.clear();
    },
    mostWaiting: () => most,
  };
}
