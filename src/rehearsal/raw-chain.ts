/**
 * A chain as anybody can read it with curl: JSON-RPC, hashes and ABI encoding, nothing of Quorate's. The judge stands on
 * this file alone, so that a fault in the ceremony's code cannot excuse itself.
 */

import {
  type Abi,
  decodeAbiParameters,
  decodeErrorResult,
  decodeFunctionData,
  encodeAbiParameters,
  encodeFunctionData,
  keccak256,
  parseAbi,
  parseAbiParameters,
  stringToBytes,
} from "viem";

import { type Hex, RpcError, rpc } from "./raw-rpc.ts";

const quantity = (value: bigint): Hex => `0x${value.toString(16)}`;
const tag = (block: bigint | undefined) => (block === undefined ? "latest" : quantity(block));
const addressIn = (word: Hex): Hex => `0x${word.slice(-40)}`;

/** ERC-1967: keccak256("eip1967.proxy.implementation") - 1. */
const implementationSlot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
/** First four bytes of keccak256 of the signature. */
const selectors = {
  implementation: "0x5c60da1b",
  nonce: "0xaffed0e0",
  getThreshold: "0xe75235b8",
  getOwners: "0xa0e67e2b",
  getMinDelay: "0xf27a0c92",
  getOperationState: "0x7958004c",
} as const;

/** `eth_call`, at one block where given. Throws {@link RpcError} with the revert's data. */
export function call(url: string, to: Hex, data: Hex, more: { block?: bigint; from?: Hex } = {}): Promise<Hex> {
  const { block, from } = more;
  return rpc<Hex>(url, "eth_call", [{ to, data, ...(from === undefined ? {} : { from }) }, tag(block)]);
}

/** The implementation behind a proxy (ERC-1967 slot) or a beacon (`implementation()`), in lower case. */
export async function implementationOf(url: string, kind: "proxy" | "beacon", at: Hex, block?: bigint): Promise<Hex> {
  return kind === "beacon"
    ? addressIn(await call(url, at, selectors.implementation, block === undefined ? {} : { block }))
    : addressIn(await rpc<Hex>(url, "eth_getStorageAt", [at, implementationSlot, tag(block)]));
}

export async function codeHash(url: string, at: Hex): Promise<Hex> {
  return keccak256(await rpc<Hex>(url, "eth_getCode", [at, "latest"]));
}

export interface RawSafe {
  nonce: bigint;
  threshold: bigint;
  /** Lower case, sorted. */
  owners: string[];
}

export async function safeAt(url: string, at: Hex): Promise<RawSafe> {
  const [nonce, threshold, owners] = await Promise.all(
    ([selectors.nonce, selectors.getThreshold, selectors.getOwners] as const).map((data) => call(url, at, data)),
  );
  const [list] = decodeAbiParameters([{ type: "address[]" }], owners ?? "0x");
  return {
    nonce: BigInt(nonce ?? "0x0"),
    threshold: BigInt(threshold ?? "0x0"),
    owners: list.map((one) => one.toLowerCase()).sort(),
  };
}

/** Seconds. */
export async function minDelayOf(url: string, timelock: Hex): Promise<bigint> {
  return BigInt(await call(url, timelock, selectors.getMinDelay));
}

const operationStates = ["Unset", "Waiting", "Ready", "Done"] as const;
export type RawOperationState = (typeof operationStates)[number];

async function operationState(url: string, timelock: Hex, id: Hex): Promise<RawOperationState> {
  const index = Number(BigInt(await call(url, timelock, `${selectors.getOperationState}${id.slice(2)}`)));
  return operationStates[index] ?? "Unset";
}

export interface RawMoment {
  block: bigint;
  /** Block timestamp, seconds. */
  time: bigint;
  /** Sender and first receiver of the transaction, in lower case. */
  from: string;
  to: string;
}

export interface RawOperation {
  id: Hex;
  /** keccak256(abi.encode(targets, values, payloads, predecessor, salt)) of what the logs say. */
  recomputed: Hex;
  calls: { to: Hex; value: bigint; data: Hex }[];
  predecessor: Hex;
  salt: Hex;
  delay: bigint;
  state: RawOperationState;
  scheduled: RawMoment;
  executed: RawMoment | undefined;
  cancelled: RawMoment | undefined;
}

interface RawLog {
  topics: Hex[];
  data: Hex;
  blockNumber: Hex;
  transactionHash: Hex;
}

const topic = (signature: string) => keccak256(stringToBytes(signature));
/** TimelockController's events (OpenZeppelin 5). */
const topics = {
  callScheduled: topic("CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)"),
  callSalt: topic("CallSalt(bytes32,bytes32)"),
  callExecuted: topic("CallExecuted(bytes32,uint256,address,uint256,bytes)"),
  cancelled: topic("Cancelled(bytes32)"),
};

/** The state of every operation that was ever scheduled, by its id. */
export async function standingOf(url: string, timelock: Hex): Promise<[Hex, RawOperationState][]> {
  const filter = { address: timelock, topics: [topics.callScheduled], fromBlock: "0x0", toBlock: "latest" };
  const logs = await rpc<RawLog[]>(url, "eth_getLogs", [filter]);
  const ids = [...new Set(logs.flatMap((one) => one.topics[1] ?? []))];
  return Promise.all(ids.map(async (id) => [id, await operationState(url, timelock, id)] as [Hex, RawOperationState]));
}

/** Every operation that was ever scheduled, from the timelock's logs alone, in the order of scheduling. */
export async function operationsOf(url: string, timelock: Hex): Promise<RawOperation[]> {
  const filter = { address: timelock, fromBlock: "0x0", toBlock: "latest" };
  const logs = await rpc<RawLog[]>(url, "eth_getLogs", [filter]);
  const of = (kind: Hex, id: Hex) => logs.filter((one) => one.topics[0] === kind && one.topics[1] === id);
  const ids = [
    ...new Set(logs.filter((one) => one.topics[0] === topics.callScheduled).flatMap((one) => one.topics[1])),
  ];
  return Promise.all(
    ids
      .flatMap((id) => (id === undefined ? [] : [id]))
      .map(async (id) => {
        const scheduled = of(topics.callScheduled, id);
        const parts = scheduled.map((one) =>
          decodeAbiParameters(parseAbiParameters("address, uint256, bytes, bytes32, uint256"), one.data),
        );
        const calls = parts.map(([to, value, data]) => ({ to, value, data }));
        const predecessor = parts[0]?.[3] ?? "0x";
        const salt = of(topics.callSalt, id)[0]?.data ?? (`0x${"0".repeat(64)}` as const);
        const moment = async (log: RawLog | undefined) => (log === undefined ? undefined : momentOf(url, log));
        return {
          id,
          recomputed: operationIdOf({ calls, predecessor, salt }),
          calls,
          predecessor,
          salt,
          delay: parts[0]?.[4] ?? 0n,
          state: await operationState(url, timelock, id),
          scheduled: await momentOf(url, scheduled[0] as RawLog),
          executed: await moment(of(topics.callExecuted, id)[0]),
          cancelled: await moment(of(topics.cancelled, id)[0]),
        };
      }),
  );
}

async function momentOf(url: string, log: RawLog): Promise<RawMoment> {
  const [transaction, block] = await Promise.all([
    rpc<{ from: string; to: string | null }>(url, "eth_getTransactionByHash", [log.transactionHash]),
    rpc<{ timestamp: Hex }>(url, "eth_getBlockByNumber", [log.blockNumber, false]),
  ]);
  return {
    block: BigInt(log.blockNumber),
    time: BigInt(block.timestamp),
    from: transaction.from.toLowerCase(),
    to: (transaction.to ?? "").toLowerCase(),
  };
}

type Batch = Pick<RawOperation, "calls" | "predecessor" | "salt">;
const batchParameters = parseAbiParameters("address[], uint256[], bytes[], bytes32, bytes32");

function batchColumns({ calls, predecessor, salt }: Batch) {
  return [
    calls.map((one) => one.to),
    calls.map((one) => one.value),
    calls.map((one) => one.data),
    predecessor,
    salt,
  ] as const;
}

/** As `hashOperationBatch` of TimelockController computes it: keccak256(abi.encode(batch)). */
export function operationIdOf(batch: Batch): Hex {
  return keccak256(encodeAbiParameters(batchParameters, batchColumns(batch)));
}

const timelockAbi = parseAbi([
  "function executeBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) payable",
]);

export function executeBatchData(batch: Batch): Hex {
  return encodeFunctionData({ abi: timelockAbi, args: batchColumns(batch) });
}

/** What the contracts on the way say when they refuse: TimelockController, AccessControl, Preconditions, Safe. */
const errors: Abi = parseAbi([
  "error TimelockUnexpectedOperationState(bytes32 operationId, bytes32 expectedStates)",
  "error TimelockUnexecutedPredecessor(bytes32 predecessorId)",
  "error TimelockInsufficientDelay(uint256 delay, uint256 minDelay)",
  "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
  "error TooEarly(uint256 time, uint256 blockTime)",
  "error TooLate(uint256 time, uint256 blockTime)",
  "error WrongChain(uint256 expected, uint256 actual)",
  "error WrongCode(address account, bytes32 expected, bytes32 actual)",
  "error NoAnswer(address target)",
  "error WrongAnswer(address target, bytes32 expectedHash, bytes32 actualHash)",
  "error Error(string reason)",
]);

/** The name of the error a call reverts with ("TooLate", "GS026"); undefined where it goes through. */
export async function revertOf(
  url: string,
  from: Hex,
  to: Hex,
  data: Hex,
  block?: bigint,
): Promise<string | undefined> {
  try {
    await call(url, to, data, block === undefined ? { from } : { from, block });
    return undefined;
  } catch (fault) {
    if (!(fault instanceof RpcError)) throw fault;
    if (fault.data === undefined || fault.data === "0x") return fault.message;
    try {
      const { errorName, args } = decodeErrorResult({ abi: errors, data: fault.data });
      return errorName === "Error" ? String(args?.[0]) : errorName;
    } catch {
      return fault.data.slice(0, 10);
    }
  }
}

/** Blocks and transactions from a block on, transactions of these senders or to these receivers alone. */
export async function transactionsSince(url: string, block: bigint, accounts: readonly string[]): Promise<number> {
  const head = BigInt(await rpc<Hex>(url, "eth_blockNumber"));
  const known = new Set(accounts.map((one) => one.toLowerCase()));
  let count = 0;
  for (let number = block + 1n; number <= head; number += 1n) {
    const found = await rpc<{ transactions: { from: string }[] }>(url, "eth_getBlockByNumber", [
      quantity(number),
      true,
    ]);
    count += found.transactions.filter((one) => known.has(one.from.toLowerCase())).length;
  }
  return count;
}

export async function blockNumber(url: string): Promise<bigint> {
  return BigInt(await rpc<Hex>(url, "eth_blockNumber"));
}

const preconditionsAbi = parseAbi(["function notAfter(uint256 time) view"]);

/** The end that a batch carries itself (`Preconditions.notAfter`), seconds; undefined where it carries none. */
export function endOf(operation: RawOperation): bigint | undefined {
  for (const { data } of operation.calls) {
    try {
      return decodeFunctionData({ abi: preconditionsAbi, data }).args[0];
    } catch {
      // Another call of the batch.
    }
  }
  return undefined;
}
