/** Other bytes of the gas key at a nonce that it has signed for already: only one of them can ever be mined. */

import { keccak256, parseTransaction } from "viem";
import type { Hex } from "../domain/primitives.ts";
import { fees, type GasAccount, mustCover } from "./gas.ts";
import { balanceOf, latestBlock } from "./reads.ts";
import { hexQuantity, type Rpc } from "./rpc.ts";

interface Signed {
  raw: Hex;
  hash: Hex;
}

/**
 * The same call at a fee that blocks take. `raw`: bytes that {@link signCall} signed.
 * Undefined where they are good as they are: the next block can pay their whole tip, which is at least half of what is usual
 * now; or another transaction has used their nonce. An account that cannot pay is a ChainFault of kind "rejected".
 */
export async function raisedFee(rpc: Rpc, account: GasAccount, raw: Hex): Promise<Signed | undefined> {
  const { signed, baseFee, balance, isUsed } = await terms(rpc, account, raw);
  if (isUsed || baseFee === undefined || signed.type !== "eip1559") return undefined;
  const { maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = signed;
  const now = await fees(rpc, baseFee);
  // A block's base fee is at most an eighth above that of the block before (EIP-1559).
  const isPaid = maxFeePerGas >= bumped(baseFee) + maxPriorityFeePerGas;
  if (isPaid && maxPriorityFeePerGas * 2n >= now.maxPriorityFeePerGas) return undefined;
  const higher = above(signed, now);
  mustCover(rpc, account.address, balance, (signed.gas ?? 0n) * higher.maxFeePerGas);
  // Without the signature that the bytes carry: it would be signed too.
  const { type, chainId, nonce, to, data, gas } = signed;
  return hashed(await account.signTransaction({ type, chainId, nonce, to, data, gas, ...higher }));
}

/**
 * What does nothing, at the nonce of bytes that may not run any more and at a fee above theirs: once it is mined, they never
 * are. Undefined where the nonce is used up. An account that cannot pay is a ChainFault of kind "rejected".
 */
export async function replacement(rpc: Rpc, account: GasAccount, raw: Hex): Promise<Signed | undefined> {
  const { signed, baseFee, balance, isUsed } = await terms(rpc, account, raw);
  if (isUsed) return undefined;
  const { address } = account;
  const gas = await rpc.request("eth_estimateGas", [{ from: address, to: address }], hexQuantity);
  const { chainId = 0, nonce } = signed;
  const common = { chainId, nonce, to: address, gas: gas + gas / 4n };
  const usual = async () => larger(await rpc.request("eth_gasPrice", [], hexQuantity), bumped(signed.gasPrice ?? 0n));
  const transaction =
    baseFee === undefined
      ? { type: "legacy" as const, ...common, gasPrice: await usual() }
      : { type: "eip1559" as const, ...common, ...above(signed, await fees(rpc, baseFee)) };
  const price = transaction.type === "legacy" ? transaction.gasPrice : transaction.maxFeePerGas;
  mustCover(rpc, address, balance, common.gas * price);
  return hashed(await account.signTransaction(transaction));
}

const hashed = (raw: Hex): Signed => ({ raw, hash: keccak256(raw) });

async function terms(rpc: Rpc, { address }: GasAccount, raw: Hex) {
  const signed = parseTransaction(raw);
  const [{ baseFeePerGas }, balance, used] = await Promise.all([
    latestBlock(rpc),
    balanceOf(rpc, address),
    rpc.request("eth_getTransactionCount", [address, "latest"], hexQuantity),
  ]);
  return { signed, baseFee: baseFeePerGas, balance, isUsed: used > BigInt(signed.nonce ?? 0) };
}

interface Offer {
  maxFeePerGas?: bigint | undefined;
  maxPriorityFeePerGas?: bigint | undefined;
}

/** Wei per gas: what is usual, and enough above what was offered. */
function above({ maxFeePerGas = 0n, maxPriorityFeePerGas = 0n }: Offer, usual: Required<Offer>) {
  return {
    maxFeePerGas: larger(usual.maxFeePerGas ?? 0n, bumped(maxFeePerGas)),
    maxPriorityFeePerGas: larger(usual.maxPriorityFeePerGas ?? 0n, bumped(maxPriorityFeePerGas)),
  };
}

/** By an eighth, rounded up: nodes take another transaction at the same nonce from a tenth more on, in both fees. */
const bumped = (wei: bigint) => (wei * 9n + 7n) / 8n;
const larger = (a: bigint, b: bigint) => (a > b ? a : b);
