/** A transaction of the gas key that blocks would not take any more, signed anew at a fee that they take. */

import { keccak256, parseTransaction } from "viem";
import type { Hex } from "../domain/primitives.ts";
import { fees, type GasAccount, mustCover } from "./gas.ts";
import { balanceOf, latestBlock } from "./reads.ts";
import { hexQuantity, type Rpc } from "./rpc.ts";

/**
 * The same call at the same nonce, so that only one of the two can ever be mined. `raw`: bytes that {@link signCall} signed.
 * Undefined where they are good as they are: the next block can pay their whole tip, which is at least half of what is usual
 * now; or another transaction has used their nonce. An account that cannot pay is a ChainFault of kind "rejected".
 */
export async function raisedFee(rpc: Rpc, account: GasAccount, raw: Hex): Promise<{ raw: Hex; hash: Hex } | undefined> {
  const signed = parseTransaction(raw);
  const [block, balance, used] = await Promise.all([
    latestBlock(rpc),
    balanceOf(rpc, account.address),
    rpc.request("eth_getTransactionCount", [account.address, "latest"], hexQuantity),
  ]);
  if (used > BigInt(signed.nonce ?? 0)) return undefined;
  if (block.baseFeePerGas === undefined || signed.type !== "eip1559") return undefined;
  const { maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = signed;
  const now = await fees(rpc, block.baseFeePerGas);
  // A block's base fee is at most an eighth above that of the block before (EIP-1559).
  const isPaid = maxFeePerGas >= bumped(block.baseFeePerGas) + maxPriorityFeePerGas;
  if (isPaid && maxPriorityFeePerGas * 2n >= now.maxPriorityFeePerGas) return undefined;
  const higher = {
    maxFeePerGas: larger(now.maxFeePerGas, bumped(maxFeePerGas)),
    maxPriorityFeePerGas: larger(now.maxPriorityFeePerGas, bumped(maxPriorityFeePerGas)),
  };
  mustCover(rpc, account.address, balance, (signed.gas ?? 0n) * higher.maxFeePerGas);
  // Without the signature that the bytes carry: it would be signed too.
  const { type, chainId, nonce, to, data, gas } = signed;
  const bytes = await account.signTransaction({ type, chainId, nonce, to, data, gas, ...higher });
  return { raw: bytes, hash: keccak256(bytes) };
}

/** By an eighth, rounded up: nodes take another transaction at the same nonce from a tenth more on, in both fees. */
const bumped = (wei: bigint) => (wei * 9n + 7n) / 8n;
const larger = (a: bigint, b: bigint) => (a > b ? a : b);
