/** One signature: asked of the wallet as typed data (EIP-712), and believed only after it was recovered here. */

import { approvalTypedData, type SafeApproval } from "../../domain/nested-safes.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import { recoverOwner } from "../../domain/safe-signatures.ts";
import { type SafeTx, safeTypedData } from "../../domain/safe-tx.ts";
import { contractSigned, hasCode } from "./chain-reads.ts";
import { ask, type Provider, signMs, WalletFault } from "./provider.ts";
import type { Item } from "./release.ts";

/** What eth_signTypedData_v4 takes: the typed data as JSON, with its domain's type spelled out. */
export function typedDataJson(tx: SafeTx, place?: SafeApproval): string {
  const { domain, types, primaryType, message } =
    place === undefined ? safeTypedData(tx) : approvalTypedData(tx, place);
  const domainFields = [
    ...(domain?.chainId === undefined ? [] : [{ name: "chainId", type: "uint256" }]),
    { name: "verifyingContract", type: "address" },
  ];
  return JSON.stringify(
    { types: { EIP712Domain: domainFields, ...types }, domain, primaryType, message },
    (name, value) => (typeof value === "bigint" ? inJson(name, value) : value),
  );
}

/** Amounts as decimal strings, which lose no digit; the chain id as the number that wallets compare with their own. */
function inJson(name: string, value: bigint): string | number {
  return name === "chainId" && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value.toString();
}

/**
 * What the account signs in its place in the tree of Safes, in lower case. Throws a {@link WalletFault} where the wallet
 * gives nothing within five minutes, or gives what is no good.
 */
export async function askSignature(
  provider: Provider,
  account: Address,
  item: Item,
  place: SafeApproval,
): Promise<Hex> {
  const json = typedDataJson(item.transaction.tx, place);
  const signature = await ask(provider, "eth_signTypedData_v4", [account, json], signMs);
  if (typeof signature !== "string") throw new WalletFault("The wallet answered with something that is no signature.");
  const recovered = await recoverOwner(place.hash, signature as Hex);
  if (recovered.ok && recovered.owner === account) return signature.toLowerCase() as Hex;
  const always = !recovered.ok && recovered.always;
  if (!always && (await signedByContract(provider, account, place, signature))) return signature.toLowerCase() as Hex;
  if (!recovered.ok) throw new WalletFault(recovered.reason);
  throw new WalletFault(
    `The wallet returned a signature of ${recovered.owner}, and not of ${account}, over what is shown here. It was thrown away.`,
  );
}

/** A smart account's bytes mean nothing by themselves: the Safe that will count them is asked (EIP-1271). */
async function signedByContract(
  provider: Provider,
  account: Address,
  place: SafeApproval,
  signature: string,
): Promise<boolean> {
  if (!/^0x([0-9a-fA-F]{2}){1,8192}$/.test(signature)) return false;
  return (await hasCode(provider, account)) && contractSigned(provider, place, account, signature as Hex);
}
