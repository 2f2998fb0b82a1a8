/** The one key of the bot: it signs transactions that others have authorised, and pays their gas. */

import { formatEther, keccak256, parseTransaction, type TransactionSerializable } from "viem";
import type { privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import type { Receipt } from "../chain-facts.ts";
import { type Address, chainNumber, type Hex } from "../domain/primitives.ts";
import { ChainFault } from "../ports.ts";
import { endpointFault, inert } from "./fault.ts";
import { logForm } from "./logs.ts";
import { balanceOf, latestBlock, pendingNonce } from "./reads.ts";
import { hexAddress, hexQuantity, hexWord, type Rpc, type RpcError } from "./rpc.ts";

export type GasAccount = ReturnType<typeof privateKeyToAccount>;

/** Used where the node has no `eth_maxPriorityFeePerGas`: 1 gwei, in wei. */
export const usualTip = 1_000_000_000n;

/**
 * Signs a call with the gas key, without value; sends nothing. The fee bound is twice the base fee and the tip
 * (EIP-1559), so that it stays valid through six full blocks; the gas limit is the estimate and a quarter.
 * A call that would revert now is a ChainFault of kind "reverted", and an account that cannot pay "rejected": nothing is
 * signed then.
 */
export async function signCall(
  rpc: Rpc,
  account: GasAccount,
  call: { to: Address; data: Hex },
): Promise<{ raw: Hex; hash: Hex; nonce: bigint }> {
  const from = account.address;
  const [nonce, balance, block, estimate] = await Promise.all([
    pendingNonce(rpc, from),
    balanceOf(rpc, from),
    latestBlock(rpc),
    rpc.request("eth_estimateGas", [{ from, to: call.to, data: call.data }], hexQuantity),
  ]);
  const common = {
    chainId: Number(chainNumber(rpc.endpoint.chain)),
    nonce: Number(nonce),
    to: call.to,
    data: call.data,
    gas: estimate + estimate / 4n,
  };
  const transaction: TransactionSerializable =
    block.baseFeePerGas === undefined
      ? { ...common, type: "legacy", gasPrice: await rpc.request("eth_gasPrice", [], hexQuantity) }
      : { ...common, type: "eip1559", ...(await fees(rpc, block.baseFeePerGas)) };
  mustCover(rpc, from, balance, (transaction.gas ?? 0n) * (transaction.maxFeePerGas ?? transaction.gasPrice ?? 0n));
  const raw = await account.signTransaction(transaction);
  return { raw, hash: keccak256(raw), nonce };
}

/** Throws where an account has less than a transaction may cost, both in wei. */
export function mustCover(rpc: Rpc, account: Address, balance: bigint, cost: bigint): void {
  if (balance < cost)
    throw new ChainFault(
      "rejected",
      `The gas account ${account} on chain ${rpc.endpoint.chain} holds ${formatEther(balance)} ether, and the transaction may cost ${formatEther(cost)}: fill it up.`,
    );
}

/** What is offered now, in wei per gas: see {@link signCall}. */
export async function fees(rpc: Rpc, baseFee: bigint): Promise<{ maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }> {
  const [answer] = await rpc.batch([{ method: "eth_maxPriorityFeePerGas", params: [] }]);
  const tip = answer?.ok ? rpc.take(answer, "eth_maxPriorityFeePerGas", hexQuantity) : usualTip;
  return { maxFeePerGas: baseFee * 2n + tip, maxPriorityFeePerGas: tip };
}

/**
 * Sends signed bytes; sending the same again is no error. A nonce that is used up is none either if these very bytes
 * used it, which their receipt shows. After a timeout it is unknown whether they arrived: send them again.
 */
export async function broadcastRaw(rpc: Rpc, raw: Hex): Promise<Hex> {
  const hash = keccak256(raw);
  const [answer] = await rpc.batch([{ method: "eth_sendRawTransaction", params: [raw] }]);
  if (answer?.ok) {
    if (rpc.take(answer, "eth_sendRawTransaction", hexWord) !== hash)
      throw endpointFault("garbage", rpc.endpoint, "took a transaction and answered with the hash of another.");
    return hash;
  }
  if (answer === undefined) throw endpointFault("garbage", rpc.endpoint, "answered nothing.");
  if (await isKnown(rpc, hash, answer.error)) return hash;
  throw refusal(rpc, raw, answer.error);
}

async function isKnown(rpc: Rpc, hash: Hex, error: RpcError): Promise<boolean> {
  if (/already known|already imported|already in|known transaction|already exists/i.test(error.message)) return true;
  if (await findReceipt(rpc, hash)) return true;
  return (await rpc.request("eth_getTransactionByHash", [hash], z.unknown())) !== null;
}

function refusal(rpc: Rpc, raw: Hex, error: RpcError): ChainFault {
  const said = inert(error.message, rpc.endpoint.url);
  if (/nonce (is )?too low|nonce has already been used|old ?nonce/i.test(error.message)) {
    const { nonce } = parseTransaction(raw);
    return endpointFault(
      "rejected",
      rpc.endpoint,
      `refused the transaction: its nonce ${nonce ?? 0} was used by another.`,
      said,
    );
  }
  if (/insufficient funds/i.test(error.message))
    return endpointFault(
      "rejected",
      rpc.endpoint,
      "refused the transaction: its account has too little to pay the gas.",
      said,
    );
  return endpointFault("rejected", rpc.endpoint, `refused the transaction: ${said}`.replace(/\.?$/, "."), said);
}

const receiptForm = z.object({
  transactionHash: hexWord,
  blockHash: hexWord,
  blockNumber: hexQuantity,
  from: hexAddress,
  status: hexQuantity,
  gasUsed: hexQuantity,
  logs: z.array(logForm),
});
const timestampForm = z.object({ hash: hexWord, number: hexQuantity, timestamp: hexQuantity });

/** A mined transaction's receipt with its block, undefined while it is not mined. */
export async function findReceipt(rpc: Rpc, hash: Hex): Promise<Receipt | undefined> {
  const form = await rpc.request("eth_getTransactionReceipt", [hash], receiptForm.nullable());
  if (form === null) return undefined;
  if (form.transactionHash !== hash)
    throw endpointFault("garbage", rpc.endpoint, "answered with the receipt of another transaction.");
  const block = await rpc.request("eth_getBlockByHash", [form.blockHash, false], timestampForm);
  return {
    hash,
    block,
    from: form.from,
    success: form.status === 1n,
    gasUsed: form.gasUsed,
    logs: form.logs,
  };
}
