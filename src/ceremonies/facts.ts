/** Reads from the chains what decisions are made from. It judges nothing. */

import type { CeremonyState } from "../domain/ceremony.ts";
import { safesOf } from "../domain/drafting.ts";
import type { LegFacts, SafeNow } from "../domain/intent.ts";
import { unsentRollbacks } from "../domain/presigned.ts";
import type { Address, ChainId } from "../domain/primitives.ts";
import { legById, proxyChanges } from "../domain/release-package.ts";
import { safeKey, timelockOf } from "../domain/transactions.ts";
import { operationOf } from "../domain/wind-down.ts";
import type { Chains } from "../ports.ts";

/** A Safe with the Safes that own it, directly or through others. */
export async function readSafe(chains: Chains, chain: ChainId, address: Address): Promise<SafeNow> {
  const { version, nonce, threshold, owners } = await chains.get(chain).safe(address);
  const nested = await chains.get(chain).nestedSafes(owners);
  return { address, chain, version, nonce, threshold, owners, nested };
}

/** Every Safe that the package's transactions come out of. */
export async function readSafes(chains: Chains, state: CeremonyState): Promise<SafeNow[]> {
  return Promise.all(safesOf(state.package).map(({ chain, address }) => readSafe(chains, chain, address)));
}

/** The Safes out of which presigned rollbacks are still to be sent. */
export async function readUnsentSafes(chains: Chains, state: CeremonyState): Promise<SafeNow[]> {
  const all = unsentRollbacks(state).map(({ tx }) => ({
    chain: tx.chain,
    safe: tx.safe,
    key: safeKey(tx.chain, tx.safe),
  }));
  const each = new Map(all.map((one) => [one.key, one]));
  return Promise.all([...each.values()].map(({ chain, safe }) => readSafe(chains, chain, safe)));
}

/** What the chain says about a leg right before its upgrade or its rollback. */
export async function readLeg(
  chains: Chains,
  state: CeremonyState,
  legId: string,
  purpose: "upgrade" | "rollback",
): Promise<LegFacts> {
  const leg = legById(state.package, legId);
  const chain = chains.get(leg.chain);
  const changes = proxyChanges(leg);
  const { timelock } = timelockOf(leg);
  const id = operationOf(state, legId, purpose);
  const accounts = new Set<Address>([
    leg.preconditionsAt,
    ...changes.map((one) => one.toImplementation),
    ...leg.rollback.restores.map((one) => one.implementation),
  ]);
  const [operation, implementations, codeHashes] = await Promise.all([
    chain.operation(timelock, id),
    Promise.all(
      changes.map(async ({ proxy }) => ({
        contract: proxy,
        implementation: (await chain.proxy(proxy)).implementation,
      })),
    ),
    Promise.all([...accounts].map(async (account) => ({ account, codeHash: await chain.codeHash(account) }))),
  ]);
  return { leg: legId, operation: { id, ...operation }, implementations, codeHashes };
}

export async function readLegs(
  chains: Chains,
  state: CeremonyState,
  legs: readonly string[],
  purpose: "upgrade" | "rollback",
): Promise<LegFacts[]> {
  return Promise.all(legs.map((id) => readLeg(chains, state, id, purpose)));
}
