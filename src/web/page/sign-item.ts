/** One signature: asked of the wallet as typed data (EIP-712), and believed only after it was recovered here. */

import type { Address, Hex } from "../../domain/primitives.ts";
import { recoverOwner } from "../../domain/safe-signatures.ts";
import { type SafeTx, safeTypedData } from "../../domain/safe-tx.ts";
import { ask, type Provider, signMs, WalletFault } from "./provider.ts";
import type { Item } from "./release.ts";

/** What eth_signTypedData_v4 takes: the typed data as JSON, with its domain's type spelled out. */
export function typedDataJson(tx: SafeTx): string {
  const { domain, types, primaryType, message } = safeTypedData(tx);
  const domainFields = [
    ...(domain.chainId === undefined ? [] : [{ name: "chainId", type: "uint256" }]),
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

/** Throws a {@link WalletFault} where the wallet gives none within five minutes, or gives one that is no good. */
export async function askSignature(provider: Provider, account: Address, item: Item): Promise<Hex> {
  const signature = await ask(provider, "eth_signTypedData_v4", [account, typedDataJson(item.transaction.tx)], signMs);
  if (typeof signature !== "string") throw new WalletFault("The wallet answered with something that is no signature.");
  const recovered = await recoverOwner(item.hashes.safeTxHash, signature as Hex);
  if (!recovered.ok) throw new WalletFault(recovered.reason);
  if (recovered.owner !== account)
    throw new WalletFault(
      `The wallet returned a signature of ${recovered.owner}, and not of ${account}, over what is shown here. It was thrown away.`,
    );
  return signature.toLowerCase() as Hex;
}
