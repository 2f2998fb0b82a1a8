/**
 * Compares what the service lists with what ceremonies ask for. Every signature is verified against the hash that the
 * ceremony derived; decodes, counts and execution states of the service are not even read.
 */

import { type CeremonyState, safeOf, signaturesOf } from "../domain/ceremony.ts";
import { type Policy, personOfWallet } from "../domain/policy.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { recoverOwner } from "../domain/safe-signatures.ts";
import { differences, type Sibling } from "../domain/siblings.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import type { ServiceTransaction } from "../safe-service-port.ts";

/** A transaction that waits for signatures or for its turn, of a ceremony that is still live. */
export interface Held {
  state: CeremonyState;
  tx: CeremonyTx;
}

export interface Confirmation extends Held {
  owner: Address;
  person: string;
  signature: Hex;
}

/** A confirmation that does not count, by an owner as the service says. */
export interface Ignored extends Held {
  owner: Address;
  reason: string;
}

export interface Comparison {
  confirmations: Confirmation[];
  ignored: Ignored[];
  siblings: { ceremony: string; sibling: Sibling }[];
}

/** `held`: all of one Safe. `ours`: every safeTxHash that any ceremony ever derived. */
export async function compare(
  rows: readonly ServiceTransaction[],
  held: readonly Held[],
  ours: ReadonlySet<Hex>,
  policy: Policy,
): Promise<Comparison> {
  const found: Comparison = { confirmations: [], ignored: [], siblings: [] };
  for (const row of rows) {
    const at = held.filter(({ tx }) => tx.tx.nonce === row.tx.nonce);
    const own = at.find((one) => one.tx.safeTxHash === row.safeTxHash);
    if (own !== undefined) await confirmationsOf(row, own, policy, found);
    else if (!ours.has(row.safeTxHash)) found.siblings.push(...(await siblingsOf(row, at)));
  }
  return found;
}

async function confirmationsOf(
  { confirmations }: ServiceTransaction,
  own: Held,
  policy: Policy,
  found: Comparison,
): Promise<void> {
  const owners = safeOf(own.state, own.tx)?.owners ?? [];
  const given = signaturesOf(own.state, own.tx.id).map((one) => one.owner);
  for (const { owner: claimed, signature } of confirmations) {
    const recovered = await recoverOwner(own.tx.safeTxHash, signature);
    if (!recovered.ok) {
      if (owners.includes(claimed) && !given.includes(claimed))
        found.ignored.push({ ...own, owner: claimed, reason: recovered.reason });
      continue;
    }
    const { owner } = recovered;
    const person = personOfWallet(policy, owner);
    if (!owners.includes(owner) || given.includes(owner) || person === undefined) continue;
    found.confirmations.push({ ...own, owner, person: person.id, signature });
  }
}

/** One for each ceremony at that nonce. */
async function siblingsOf({ tx: other, safeTxHash, confirmations }: ServiceTransaction, at: readonly Held[]) {
  const owners = new Set<Address>();
  for (const { signature } of confirmations) {
    const recovered = await recoverOwner(safeTxHash, signature);
    const isOwner = at.some(({ state, tx }) => recovered.ok && safeOf(state, tx)?.owners.includes(recovered.owner));
    if (recovered.ok && isOwner) owners.add(recovered.owner);
  }
  return at
    .filter(({ state }, index) => at.findIndex((one) => one.state.id === state.id) === index)
    .map(({ state, tx }) => ({
      ceremony: state.id,
      sibling: {
        chain: other.chain,
        ...{ safe: other.safe, nonce: other.nonce, safeTxHash, tx: tx.id },
        differs: differences(tx.tx, other),
        signatures: owners.size,
      },
    }));
}
