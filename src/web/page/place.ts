/** Where an account signs in a transaction's tree of Safes, by what was read from the chain. */

import { approvalsBy, type SafeApproval } from "../../domain/nested-safes.ts";
import type { Address } from "../../domain/primitives.ts";
import type { SafeTx } from "../../domain/safe-tx.ts";
import type { ChainFacts } from "./chain-reads.ts";
import { treeOf } from "./checks.ts";

/** The tree above a transaction; undefined where it was not read. */
export function treeAbove(tx: SafeTx, facts: ChainFacts | undefined) {
  const { chain, safe: address, safeVersion: version, nonce } = tx;
  return facts?.chain === chain ? treeOf({ chain, address, version, nonce }, facts.safes.get(address)) : undefined;
}

/** The nearest place to the transaction's own Safe; undefined where the account has none. */
export function placeOf(
  tx: SafeTx,
  account: Address | undefined,
  facts: ChainFacts | undefined,
): SafeApproval | undefined {
  const tree = treeAbove(tx, facts);
  return tree === undefined || account === undefined ? undefined : approvalsBy([account], tx, tree)[0];
}
