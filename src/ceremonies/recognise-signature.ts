/** Whose signature came in, and for which Safe of the tree: found by recovering, and for contracts by asking the Safe. */

import type { BoundSafe } from "../domain/events.ts";
import type { SignatureGiven } from "../domain/intent.ts";
import { approvalsIn, type SafeApproval } from "../domain/nested-safes.ts";
import { type Address, emptyCodeHash, type Hex, zeroHash } from "../domain/primitives.ts";
import { type Refusal, refusal } from "../domain/refusal.ts";
import { recoverOwner } from "../domain/safe-signatures.ts";
import type { CeremonyTx } from "../domain/transactions.ts";
import type { Chains } from "../ports.ts";

/** Bytes that a smart account may return: passkeys and threshold schemes need a few hundred. */
const largest = 8192;

type Recognised = Pick<SignatureGiven, "recovered" | "via" | "contract">;

/**
 * A key's 65 bytes are tried against what every Safe of the tree asks its owners to sign. What fits none is handed to the
 * Safes whose owner one of the person's contracts is; the bytes are never believed without that Safe's own word. A key that
 * is no owner is handed on as it is, for the domain to refuse by name.
 */
export async function recogniseSignature(
  signature: Hex,
  wanted: CeremonyTx,
  safe: BoundSafe | undefined,
  wallets: readonly Address[],
  chains: Chains,
): Promise<Recognised | Refusal> {
  const size = (signature.length - 2) / 2;
  if (!/^0x([0-9a-fA-F]{2})+$/.test(signature) || size > largest)
    return malformed(
      `The signature is malformed: it is 0x and an even number of hexadecimal digits, ${largest} bytes at most; sign again.`,
    );
  const approvals = safe === undefined ? [] : approvalsIn(wanted.tx, safe);
  const own = await recoverOwner(wanted.safeTxHash, signature);
  // What a key must never return is no better from a contract's key: the signer saw nothing, or it has two forms.
  if (!own.ok && own.always) return malformed(own.reason);
  const byKey = own.ok ? await ownerAmong(approvals, signature) : undefined;
  if (byKey !== undefined) return byKey;
  const asked = await contractPlaces(approvals, wallets, wanted, chains);
  for (const { approval, owner } of asked)
    if (await isAccepted(approval, owner, signature, wanted, chains))
      return { recovered: owner, via: approval.via, contract: true };
  const [first] = asked;
  if (first !== undefined)
    return refusal(
      "signature/contract",
      `Nothing was taken: the Safe ${first.approval.safe.address} (${first.approval.safe.version}) asked your smart account ${first.owner} about these bytes (EIP-1271), and it did not say yes. ${howItAsks(first.approval)} Sign the typed data again with that account's wallet.`,
    );
  return own.ok ? { recovered: own.owner } : malformed(own.reason);
}

const malformed = (reason: string) => refusal("signature/malformed", reason);

async function ownerAmong(approvals: readonly SafeApproval[], signature: Hex): Promise<Recognised | undefined> {
  for (const { hash, via, safe } of approvals) {
    const found = await recoverOwner(hash, signature);
    if (found.ok && safe.owners.includes(found.owner)) return { recovered: found.owner, via };
  }
  return undefined;
}

interface ContractPlace {
  approval: SafeApproval;
  owner: Address;
}

/** Where a wallet of theirs is an owner and has code on the chain. */
async function contractPlaces(
  approvals: readonly SafeApproval[],
  wallets: readonly Address[],
  { tx }: CeremonyTx,
  chains: Chains,
): Promise<ContractPlace[]> {
  const places = approvals.flatMap((approval) =>
    wallets.filter((wallet) => approval.safe.owners.includes(wallet)).map((owner) => ({ approval, owner })),
  );
  const codes = await Promise.all(places.map(({ owner }) => chains.get(tx.chain).codeHash(owner)));
  return places.filter((_, at) => codes[at] !== emptyCodeHash && codes[at] !== zeroHash);
}

function isAccepted(
  { safe, hash, data }: SafeApproval,
  owner: Address,
  signature: Hex,
  { tx }: CeremonyTx,
  chains: Chains,
): Promise<boolean> {
  const { address, version } = safe;
  const asked = { safe: address, safeVersion: version, tx, hash, data, owner, signature };
  return chains.get(tx.chain).checkContractSignature(asked);
}

function howItAsks({ safe, via }: SafeApproval): string {
  if (via.length > 0 && /^1\.3\./.test(safe.version))
    return "A child Safe of 1.3.0 asks its contracts about what its parent asked it, and not about its own message.";
  return /^(0|1\.[0-4])\./.test(safe.version)
    ? "A Safe before 1.5.0 asks in the older way (with all bytes), which many accounts lack."
    : "It asks with the hash.";
}
