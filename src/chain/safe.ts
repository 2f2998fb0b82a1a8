/** What a Safe says about itself, and its own judgement on signatures. */

import { concat, decodeFunctionResult, encodeFunctionData, parseAbi, toHex } from "viem";
import type { SafeFacts } from "../chain-facts.ts";
import { type Address, type ChainId, type Hex, zeroAddress } from "../domain/primitives.ts";
import { remembered } from "../domain/remembered.ts";
import { callTx, execTransactionData, packSignatures } from "../domain/safe-signatures.ts";
import { hasLegacyDomain, type SafeTx, safeTxHashes } from "../domain/safe-tx.ts";
import { ChainFault } from "../ports.ts";
import type { ContractSignature } from "../safe-judge.ts";
import { callRead, decoded, latestHead, type Pin, read, readMany } from "./reads.ts";
import type { Rpc } from "./rpc.ts";

const abi = parseAbi([
  "function VERSION() view returns (string)",
  "function nonce() view returns (uint256)",
  "function getThreshold() view returns (uint256)",
  "function getOwners() view returns (address[])",
  "function getModulesPaginated(address start, uint256 pageSize) view returns (address[] array, address next)",
  "function getTransactionHash(address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce) view returns (bytes32)",
  "function checkSignatures(bytes32 dataHash, bytes data, bytes signatures) view",
  "function checkNSignatures(bytes32 dataHash, bytes data, bytes signatures, uint256 requiredSignatures) view",
]);

/** Head of the Safe's linked list of modules. */
const sentinel: Address = "0x0000000000000000000000000000000000000001";
const pageSize = 50n;
/** Of Safe's storage layout, the same in every version: singleton 0, modules 1, owners 2, ownerCount 3, threshold 4, nonce 5. */
const thresholdSlot: Hex = `0x${"4".padStart(64, "0")}`;
const nonceSlot: Hex = `0x${"5".padStart(64, "0")}`;

/**
 * A Safe's facts at the newest block. What cannot compute a Safe transaction hash as its version does is refused with
 * "not a Safe": an account without code, another contract, a Safe on another chain id.
 */
export async function safeFacts(rpc: Rpc, account: Address): Promise<SafeFacts> {
  const pin = { blockHash: (await latestHead(rpc)).hash };
  const answers = await readMany(rpc, [
    ...describingCalls(rpc, account, pin),
    callRead(account, modulesFrom(sentinel), pin),
  ]);
  const described = describedSafe(rpc, account, answers);
  const modules = decoded(answers.at(-1), (data) =>
    decodeFunctionResult({ abi, functionName: "getModulesPaginated", data }),
  );
  if (described === undefined || modules === undefined) throw notASafe(rpc, account);
  return { ...described, modules: await allModules(rpc, account, pin, modules) };
}

/** Calls whose answers say whether an account is a Safe; {@link describedSafe} reads them. */
export function describingCalls(rpc: Rpc, account: Address, pin: Pin) {
  return [
    ...(["VERSION", "nonce", "getThreshold", "getOwners"] as const).map((functionName) =>
      callRead(account, encodeFunctionData({ abi, functionName }), pin),
    ),
    callRead(account, sampleOf(rpc.endpoint.chain, account, "1.4.1").data, pin),
  ];
}

/** Undefined for what is no Safe, or hashes a Safe transaction otherwise than the version it states. */
export function describedSafe(
  rpc: Rpc,
  account: Address,
  [version, nonce, threshold, owners, hash]: readonly (Hex | null)[],
): Omit<SafeFacts, "modules"> | undefined {
  const facts = {
    version: decoded(version, (data) => decodeFunctionResult({ abi, functionName: "VERSION", data })),
    nonce: decoded(nonce, (data) => decodeFunctionResult({ abi, functionName: "nonce", data })),
    threshold: decoded(threshold, (data) => decodeFunctionResult({ abi, functionName: "getThreshold", data })),
    owners: decoded(owners, (data) => decodeFunctionResult({ abi, functionName: "getOwners", data })),
  };
  if (
    facts.version === undefined ||
    !/^\d+\.\d+\.\d+/.test(facts.version) ||
    facts.nonce === undefined ||
    facts.threshold === undefined ||
    facts.owners === undefined ||
    facts.threshold < 1n ||
    facts.threshold > BigInt(facts.owners.length) ||
    hash !== sampleOf(rpc.endpoint.chain, account, facts.version).hash
  )
    return undefined;
  return {
    address: account,
    version: facts.version,
    nonce: facts.nonce,
    threshold: Number(facts.threshold),
    owners: [...facts.owners],
  };
}

function notASafe(rpc: Rpc, account: Address): ChainFault {
  return new ChainFault("not a Safe", `${account} on chain ${rpc.endpoint.chain} is not a Safe.`);
}

const samples = remembered<{ data: Hex; hash: Hex }>(1_000);

/** A transaction that is never run: only its hash is compared. `data`: what asks a Safe for it. */
function sampleOf(chain: ChainId, safe: Address, safeVersion: string): { data: Hex; hash: Hex } {
  return samples(`${chain} ${safe} ${hasLegacyDomain(safeVersion)}`, () => {
    const tx = callTx({ chain, safe, safeVersion, nonce: 7n, to: safe, data: "0x51554f52", value: 1n });
    return { data: transactionHashData(tx), hash: safeTxHashes(tx).safeTxHash };
  });
}

function modulesFrom(start: Address): Hex {
  return encodeFunctionData({ abi, functionName: "getModulesPaginated", args: [start, pageSize] });
}

/** Follows the pages. From 1.3.0 on `next` is the last module of a full page; before, it is the first left out and would be skipped. */
async function allModules(
  rpc: Rpc,
  account: Address,
  pin: Pin,
  first: readonly [readonly Address[], Address],
): Promise<Address[]> {
  const found: Address[] = [...first[0]];
  let size = first[0].length;
  while (size === Number(pageSize)) {
    const start = found.at(-1) ?? sentinel;
    const data = await read(rpc, callRead(account, modulesFrom(start), pin));
    const page = decoded(data, (bytes) =>
      decodeFunctionResult({ abi, functionName: "getModulesPaginated", data: bytes }),
    );
    if (page === undefined || page[0].some((module) => found.includes(module))) throw notASafe(rpc, account);
    found.push(...page[0]);
    size = page[0].length;
  }
  return found;
}

function transactionHashData(tx: SafeTx): Hex {
  const { to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce } = tx;
  return encodeFunctionData({
    abi,
    functionName: "getTransactionHash",
    args: [to, value, data, operation, safeTxGas, baseGas, gasPrice, gasToken, refundReceiver, nonce],
  });
}

/**
 * Whether the Safe itself accepts packed signatures for a transaction, now. First the Safe must hash the transaction as
 * we do: an account without code, or an older Safe with a fallback handler, would "succeed" at anything.
 */
export async function safeAccepts(rpc: Rpc, tx: SafeTx, signatures: Hex): Promise<boolean> {
  const pin = { blockHash: (await latestHead(rpc)).hash };
  const { domainHash, messageHash, safeTxHash } = safeTxHashes(tx);
  const preimage = concat(["0x1901", domainHash, messageHash]);
  const check = hasLegacyDomain(tx.safeVersion)
    ? legacyCheck(tx, signatures, pin, {})
    : callRead(
        tx.safe,
        encodeFunctionData({ abi, functionName: "checkSignatures", args: [safeTxHash, preimage, signatures] }),
        pin,
      );
  const [hash, verdict] = await readMany(rpc, [callRead(tx.safe, transactionHashData(tx), pin), check]);
  if (hash !== safeTxHash) throw notASafe(rpc, tx.safe);
  return verdict !== null;
}

/** Before 1.3.0 `checkSignatures` is internal: run the whole transaction, without effect, with the Safe's nonce set to its own. */
function legacyCheck(tx: SafeTx, signatures: Hex, pin: Pin, slots: Record<Hex, Hex>) {
  const stateDiff = { [nonceSlot]: toHex(tx.nonce, { size: 32 }), ...slots };
  const call = { from: zeroAddress, to: tx.safe, data: execTransactionData(tx, signatures) };
  return { method: "eth_call", params: [call, pin, { [tx.safe]: { stateDiff } }] };
}

/**
 * Whether a Safe takes one owner's contract signature, now. The call comes from the zero address, which is no owner, so
 * nothing counts as approved by whoever asks. Before 1.3.0 the transaction is run with a threshold of one.
 */
export async function safeAcceptsContract(rpc: Rpc, asked: ContractSignature): Promise<boolean> {
  const { tx, safe, safeVersion, hash, data, owner, signature } = asked;
  const pin = { blockHash: (await latestHead(rpc)).hash };
  const packed = packSignatures([{ owner, signature, contract: true }]);
  const args = [hash, data, packed, 1n] as const;
  const check = hasLegacyDomain(safeVersion)
    ? legacyCheck(tx, packed, pin, { [thresholdSlot]: toHex(1n, { size: 32 }) })
    : callRead(safe, encodeFunctionData({ abi, functionName: "checkNSignatures", args }), pin);
  const [facts, verdict] = await Promise.all([readMany(rpc, describingCalls(rpc, safe, pin)), readMany(rpc, [check])]);
  if (describedSafe(rpc, safe, facts)?.version !== safeVersion) throw notASafe(rpc, safe);
  return verdict[0] !== null;
}
