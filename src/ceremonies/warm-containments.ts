/**
 * Containments that could be asked for at any moment, made ready beforehand: signatures packed and accepted by the Safe, gas
 * estimated, and on every head the gas key's nonce and fees. What is then left between the word and the node is one
 * signature of the gas key, and its bytes being stored.
 */

import { type CeremonyState, isFullySigned, onChainOf } from "../domain/ceremony.ts";
import { heardIn } from "../domain/lifecycle.ts";
import type { Address, ChainId, Hex } from "../domain/primitives.ts";
import { execTransactionData } from "../domain/safe-signatures.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import type { Chains, Store } from "../ports.ts";
import type { GasTerms } from "../warm-signing.ts";
import type { Ledger } from "./ledger.ts";
import { packedSignatures } from "./packed-signatures.ts";

export interface WarmContainments {
  /** The raw transaction, without a question to the node; undefined where it is not ready, and has to be made the long way. */
  sign(tx: CeremonyTx): Promise<{ raw: Hex; hash: Hex } | undefined>;
  stop(): Promise<void>;
}

interface Ready {
  call: { to: Address; data: Hex };
  gas: bigint;
  /** Looks until it is made anew: owners and code may change. */
  left: number;
}

const looksKept = 20;

export interface WarmParts {
  store: Pick<Store, "blob">;
  chains: Chains;
  ledger: Pick<Ledger, "list">;
}

export function warmContainments({ store, chains, ledger }: WarmParts): WarmContainments {
  const ready = new Map<Hex, Ready>();
  const terms = new Map<ChainId, GasTerms>();
  let looking: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  async function look(): Promise<void> {
    const states = await ledger.list(() => undefined);
    const wanted = states.flatMap((state) => pending(state).map((tx) => ({ state, tx })));
    for (const hash of ready.keys()) if (!wanted.some(({ tx }) => tx.safeTxHash === hash)) ready.delete(hash);
    for (const { state, tx } of wanted) await keep(state, tx).catch(() => void ready.delete(tx.safeTxHash));
    const used = new Set(wanted.filter(({ tx }) => ready.has(tx.safeTxHash)).map(({ tx }) => tx.tx.chain));
    await Promise.all(
      [...used].map(async (id) => {
        const now = await chains
          .get(id)
          .gasTerms()
          .catch(() => undefined);
        if (now === undefined) terms.delete(id);
        else terms.set(id, now);
      }),
    );
  }

  /** Where it would revert now, or the Safe takes the signatures no more, it is none: that is said when it is sent, and by the watch of exits. */
  async function keep(state: CeremonyState, tx: CeremonyTx): Promise<void> {
    const known = ready.get(tx.safeTxHash);
    if (known !== undefined && known.left > 0) {
      known.left -= 1;
      return;
    }
    ready.delete(tx.safeTxHash);
    const chain = chains.get(tx.tx.chain);
    const signatures = await packedSignatures(state, tx, { store, chains });
    if (!(await chain.checkSignatures(tx.tx, signatures))) return;
    const call = { to: tx.tx.safe, data: execTransactionData(tx.tx, signatures) };
    ready.set(tx.safeTxHash, { call, gas: await chain.gasFor(call), left: looksKept });
  }

  /** Heads that come meanwhile are covered by one more look. */
  function wake(): void {
    again = true;
    if (stopped) return;
    looking ??= (async () => {
      while (again && !stopped) {
        again = false;
        await look();
      }
    })()
      // Without it everything goes the long way.
      .catch(() => ready.clear())
      .finally(() => {
        looking = undefined;
      });
  }

  const ends = chains.ids.map((id) => chains.get(id).onHead(wake, () => undefined));
  wake();
  return {
    async sign(tx) {
      const [one, now] = [ready.get(tx.safeTxHash), terms.get(tx.tx.chain)];
      if (one === undefined || now === undefined) return undefined;
      // The next one that is signed before a new head must not take the same nonce.
      terms.set(tx.tx.chain, { ...now, nonce: now.nonce + 1n });
      return chains.get(tx.tx.chain).signOn(one.call, one.gas, now);
    },
    async stop() {
      stopped = true;
      for (const end of ends) end();
      await looking;
    },
  };
}

/** Fully signed, and not used: those that somebody could give the word for now. */
function pending(state: CeremonyState): CeremonyTx[] {
  if (!heardIn.contain.includes(state.status)) return [];
  return (state.review?.transactions ?? []).filter(
    (tx) => tx.purpose === "containment" && onChainOf(state, tx.id) === undefined && isFullySigned(state, tx),
  );
}
