/** Owners' signatures over a Safe transaction: who gave one, how they are packed, and the call that carries them. */

import { concat, encodeFunctionData, pad, parseAbi, recoverAddress, size, toHex } from "viem";
import { type Address, type ChainId, type Hex, zeroAddress } from "./primitives.ts";
import type { SafeTx } from "./safe-tx.ts";

export interface OwnerSignature {
  owner: Address;
  /** r ‖ s ‖ v, 65 bytes; of a contract whatever it takes. */
  signature: Hex;
  /** The owner is a contract, which the Safe asks about the bytes (EIP-1271). */
  contract?: boolean | undefined;
}

const abi = parseAbi([
  "function execTransaction(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, bytes signatures) payable returns (bool success)",
]);

/** Half of secp256k1's order: EIP-2 calls a signature with a larger s malleable. */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** A Safe transaction that is one plain CALL; every gas field is zero, so that an inner revert does not use the nonce. */
export function callTx(parts: {
  chain: ChainId;
  safe: Address;
  safeVersion: string;
  nonce: bigint;
  to: Address;
  data: Hex;
  /** In wei; none where left out. */
  value?: bigint;
}): SafeTx {
  const { chain, safe, safeVersion, nonce, to, data, value = 0n } = parts;
  const noGas = { safeTxGas: 0n, baseGas: 0n, gasPrice: 0n, gasToken: zeroAddress, refundReceiver: zeroAddress };
  return { chain, safe, safeVersion, to, value, data, operation: 0, ...noGas, nonce };
}

/**
 * Signatures one after another in ascending order of their owners, as Safe's `checkNSignatures` demands: 65 bytes each,
 * for a contract its address, where its bytes begin, and v = 0; behind all of them each contract's bytes with their
 * length. Duplicates are kept: the Safe refuses them. Throws where a key's signature has other than 65 bytes, which
 * {@link recoverOwner} refuses before.
 */
export function packSignatures(list: readonly OwnerSignature[]): Hex {
  const sorted = [...list].sort((a, b) => (BigInt(a.owner) < BigInt(b.owner) ? -1 : 1));
  let end = 65 * sorted.length;
  const heads: Hex[] = [];
  const tails: Hex[] = [];
  for (const { owner, signature, contract } of sorted) {
    if (!contract) {
      if (size(signature) !== 65) throw new TypeError("A signature to be packed has 65 bytes.");
      heads.push(signature);
      continue;
    }
    heads.push(concat([pad(owner), toHex(end, { size: 32 }), "0x00"]));
    tails.push(concat([toHex(size(signature), { size: 32 }), signature]));
    end += 32 + size(signature);
  }
  return concat(["0x", ...heads, ...tails]);
}

export type RecoveredOwner =
  | { ok: true; owner: Address }
  /** `always`: so from whomever it comes, where other bytes may still be a contract's (EIP-1271). */
  | { ok: false; reason: string; always: boolean };

/**
 * Who signed `hash` with a plain ECDSA (EIP-712) signature. Refused with a sentence: other lengths than 65 bytes, v
 * other than 27 and 28 (Safe reads v 0 and 1 as contract and pre-validated signatures, above 30 as eth_sign), and an s
 * in the upper half (EIP-2).
 */
export async function recoverOwner(hash: Hex, signature: Hex): Promise<RecoveredOwner> {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature))
    return refused("The signature is malformed: an owner's signature is 0x and 130 hexadecimal digits (65 bytes).");
  const v = Number.parseInt(signature.slice(130), 16);
  if (v > 30)
    return refused(
      "The signature was made with eth_sign, which shows the signer nothing: sign the typed data (EIP-712) instead.",
      true,
    );
  if (v !== 27 && v !== 28)
    return refused(`The signature ends in v = ${v}; an owner's EIP-712 signature ends in 27 or 28.`);
  if (BigInt(`0x${signature.slice(66, 130)}`) > halfOrder)
    return refused(
      "The signature has a high s (EIP-2), so it could exist in two forms: sign again with another wallet.",
      true,
    );
  try {
    return { ok: true, owner: await recoverAddress({ hash, signature }) };
  } catch {
    return refused("The signature is malformed: it belongs to no key at all.");
  }
}

function refused(reason: string, always = false): RecoveredOwner {
  return { ok: false, reason, always };
}

/** Calldata of `execTransaction`; anyone may send it once `signatures` reach the Safe's threshold. */
export function execTransactionData(tx: SafeTx, signatures: Hex): Hex {
  return encodeFunctionData({
    abi,
    functionName: "execTransaction",
    args: [
      tx.to,
      tx.value,
      tx.data,
      tx.operation,
      tx.safeTxGas,
      tx.baseGas,
      tx.gasPrice,
      tx.gasToken,
      tx.refundReceiver,
      signatures,
    ],
  });
}
