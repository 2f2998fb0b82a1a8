/** What owners of a Safe sign that owns the Safe of a transaction: computed offline from addresses and versions. */

import type { BoundSafe, NestedSafe } from "../domain/events.ts";
import { approvalsIn, deepestNesting, silentChildren, silentInWords } from "../domain/nested-safes.ts";
import { type Address, address, type Hex } from "../domain/primitives.ts";
import type { SafeTx } from "../domain/safe-tx.ts";
import { CliFault } from "./fault.ts";

export interface SafeMessage {
  safe: Address;
  domainHash: Hex;
  messageHash: Hex;
  /** What is signed. */
  hash: Hex;
}

/** One for each `address@version`, from the transaction's Safe's owner down. Throws {@link CliFault} 2 where there is none. */
export function messagesThrough(tx: SafeTx, via: readonly string[]): SafeMessage[] {
  if (via.length > deepestNesting)
    throw new CliFault(2, `--via was given ${via.length} times; ${deepestNesting} Safes in between are the most.`);
  const nested = via.map(childOf).map(({ address: at, version }, index, all): NestedSafe => {
    const below = all[index + 1];
    return { address: at, version, threshold: 1, owners: below === undefined ? [] : [below.address] };
  });
  const owners = nested.slice(0, 1).map((one) => one.address);
  const { chain, safe, safeVersion: version, nonce } = tx;
  const tree: BoundSafe = { address: safe, chain, version, nonce, threshold: 1, owners, nested };
  const approvals = approvalsIn(tx, tree).slice(1);
  if (approvals.length < via.length)
    throw new CliFault(
      2,
      silentInWords(silentChildren(tree)).map((one) => `${one}.`)[0] ??
        "--via names one Safe twice: name each once, from the top down.",
    );
  return approvals.map(({ safe: { address: at }, domainHash, messageHash, hash }) => ({
    ...{ safe: at, domainHash, messageHash, hash },
  }));
}

function childOf(text: string): { address: Address; version: string } {
  const [at = "", version = ""] = text.split("@");
  const parsed = address.safeParse(at);
  if (parsed.success && /^\d+\.\d+\.\d+/.test(version)) return { address: parsed.data, version };
  throw new CliFault(2, `--via is a Safe's address and version, such as 0x…@1.4.1, and not ${text}.`);
}
