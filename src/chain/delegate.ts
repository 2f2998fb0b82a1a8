/**
 * The gas key as a delegate in Safe's Transaction Service: there it may propose for the owners. On the chain its
 * signature authorises nothing, because it is never an owner: the start refuses that, and so does this.
 */

import type { Hex } from "../domain/primitives.ts";
import { type SafeTx, safeTxHashes } from "../domain/safe-tx.ts";
import { ChainFault } from "../ports.ts";
import type { GasAccount } from "./gas.ts";
import type { Rpc } from "./rpc.ts";
import { safeFacts } from "./safe.ts";

/**
 * The gas key's signature over the hash that follows from the transaction's fields: 65 bytes, v 27 or 28. No hash can be
 * handed in. A ChainFault of kind "rejected" where the transaction is of another chain, or where the gas account is an
 * owner of the Safe now, so that its signature would count.
 */
export async function signAsDelegate(rpc: Rpc, account: GasAccount, tx: SafeTx): Promise<Hex> {
  const { chain } = rpc.endpoint;
  if (tx.chain !== chain)
    throw new ChainFault("rejected", `The transaction is for chain ${tx.chain}: the key of ${chain} does not sign it.`);
  const { owners } = await safeFacts(rpc, tx.safe);
  if (owners.includes(account.address))
    throw new ChainFault(
      "rejected",
      `The gas account ${account.address} is an owner of the Safe ${tx.safe} on ${chain}: its signature would count there, so it proposes nothing. Set another GAS_KEY.`,
    );
  return account.sign({ hash: safeTxHashes(tx).safeTxHash });
}
