/** The gas account's balance: a low one is said while there is still enough for a containment (issue 2, chain). */

import { formatEther } from "viem";
import type { Policy } from "../domain/policy.ts";
import type { ChainId } from "../domain/primitives.ts";
import type { Chains } from "../ports.ts";

export interface GasLevelParts {
  chains: Chains;
  policy: Policy;
  /** Told once when the balance falls below the chain's `lowGas`, and again only after it had been filled up. */
  low(sentence: string, chain: ChainId): void;
  onFault(where: string, fault: Error): void;
}

export interface GasLevel {
  /** Looks at every chain now. A chain that cannot be read goes to `onFault` and is looked at again next time. */
  check(): Promise<void>;
  stop(): void;
}

/** Seconds of block time between two looks: a balance falls slowly, and each look is a request. */
const between = 60n;

/** Looks at once, and from then on with the heads of each chain. */
export function watchGasLevel({ chains, policy, low, onFault }: GasLevelParts): GasLevel {
  /** Chains whose balance is known to be low. */
  const said = new Set<ChainId>();
  const lookedAt = new Map<ChainId, bigint>();
  let stopped = false;

  async function look(id: ChainId): Promise<void> {
    const { name, lowGas } = policy.chains.find((one) => one.id === id) ?? {};
    if (lowGas === undefined) return;
    try {
      const { gasAccount } = chains.get(id);
      const balance = await chains.get(id).balance(gasAccount);
      if (balance >= lowGas) said.delete(id);
      else if (!said.has(id)) {
        said.add(id);
        low(
          `The gas account ${gasAccount} on ${name} (${id}) holds ${formatEther(balance)} ether, and policy wants ${formatEther(lowGas)} at least: fill it up, or nothing can be sent soon.`,
          id,
        );
      }
    } catch (fault) {
      // A look that the end of the program cut off is nobody's fault.
      if (!stopped) onFault(`gas level of ${id}`, fault as Error);
    }
  }

  const ends = chains.ids.map((id) =>
    chains.get(id).onHead(
      ({ timestamp }) => {
        if (timestamp < (lookedAt.get(id) ?? 0n) + between) return;
        lookedAt.set(id, timestamp);
        void look(id);
      },
      // The watch subscribes to the same heads and reports their faults.
      () => undefined,
    ),
  );
  const check = async () => {
    await Promise.all(chains.ids.map(look));
  };
  void check();
  return {
    check,
    stop() {
      stopped = true;
      for (const end of ends) end();
    },
  };
}
