/** What an OpenZeppelin TimelockController says about itself, its roles and its operations. */

import {
  decodeFunctionResult,
  encodeFunctionData,
  getAddress,
  keccak256,
  numberToHex,
  parseAbi,
  stringToBytes,
} from "viem";
import { z } from "zod";
import type { OperationState, Receipt, TimelockFacts } from "../chain-facts.ts";
import { type Address, type Hex, zeroAddress, zeroHash } from "../domain/primitives.ts";
import { operationId } from "../domain/timelock.ts";
import { ChainFault } from "../ports.ts";
import { endpointFault } from "./fault.ts";
import { findReceipt } from "./gas.ts";
import { deploymentBlock, type Log, logsAtOnce, logsBetween } from "./logs.ts";
import { callRead, decoded, latestHead, type Pin, readMany } from "./reads.ts";
import { hexWord, type Rpc } from "./rpc.ts";

const abi = parseAbi([
  "function getMinDelay() view returns (uint256)",
  "function getTimestamp(bytes32 id) view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function hashOperationBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) view returns (bytes32)",
]);

const roleEvents = ["RoleGranted(bytes32,address,address)", "RoleRevoked(bytes32,address,address)"].map(hashOf);

const roleHash = {
  admins: zeroHash,
  proposers: hashOf("PROPOSER_ROLE"),
  executors: hashOf("EXECUTOR_ROLE"),
  cancellers: hashOf("CANCELLER_ROLE"),
  /** What OpenZeppelin 4 used in place of DEFAULT_ADMIN_ROLE. */
  formerAdmins: hashOf("TIMELOCK_ADMIN_ROLE"),
} as const;
type RoleName = keyof typeof roleHash;

/** `getTimestamp` of an operation that was executed. */
const doneTimestamp = 1n;
/** Blocks read again: a reorganisation may have moved a role event. */
const overlap = 256n;

function hashOf(text: string): Hex {
  return keccak256(stringToBytes(text));
}

/** Accounts that some role event ever named, kept between reads so that only new blocks are searched. */
export interface RoleSearch {
  facts(account: Address): Promise<TimelockFacts>;
}

/**
 * Facts of timelocks on one chain. Role events say whom to ask about; `hasRole` at one block says who holds a role, so
 * a missed revocation cannot add a holder. Refuses what does not hash a batch as TimelockController does.
 */
export function timelockFacts(rpc: Rpc): RoleSearch {
  const seen = new Map<Address, { upTo: bigint; accounts: Set<Address> }>();

  async function named(account: Address, from: bigint, head: bigint): Promise<Address[]> {
    return holdersIn(await logsBetween(rpc, account, roleEvents, from, head));
  }

  /** A whole life at once where the node gives it; else from where it was deployed. */
  async function newlyNamed(account: Address, upTo: bigint | undefined, head: bigint): Promise<Address[]> {
    if (upTo !== undefined) return named(account, upTo > overlap ? upTo - overlap : 0n, head);
    const once = await logsAtOnce(rpc, [account], roleEvents, 0n, head);
    return once === undefined ? named(account, await deploymentBlock(rpc, account, head), head) : holdersIn(once);
  }

  async function candidates(account: Address, head: bigint): Promise<Address[]> {
    const known = seen.get(account);
    const accounts = new Set([...(known?.accounts ?? []), ...(await newlyNamed(account, known?.upTo, head))]);
    // Every TimelockController begins by naming itself administrator: without that event the search began too late.
    if (!accounts.has(account)) for (const other of await named(account, 0n, head)) accounts.add(other);
    if (!accounts.has(account))
      throw endpointFault(
        "rejected",
        rpc.endpoint,
        `does not have the role events of the timelock ${account}, so its role holders cannot be known: it does not keep all logs.`,
      );
    seen.set(account, { upTo: head, accounts });
    return [...accounts].filter((holder) => holder !== zeroAddress);
  }

  async function facts(account: Address): Promise<TimelockFacts> {
    const head = await latestHead(rpc);
    const pin = { blockHash: head.hash };
    const { minDelay, openExecutor } = await readBasics(rpc, account, pin);
    const holders = await candidates(account, head.number);
    const names = Object.keys(roleHash) as RoleName[];
    const questions = names.flatMap((name) => holders.map((holder) => ({ name, holder })));
    const answers = await readMany(
      rpc,
      questions.map(({ name, holder }) => callRead(account, hasRole(roleHash[name], holder), pin)),
    );
    const confirmed = questions.filter((_, index) => {
      const yes = decoded(answers[index], (data) => decodeFunctionResult({ abi, functionName: "hasRole", data }));
      if (yes === undefined) throw notATimelock(rpc, account);
      return yes;
    });
    const withRole = (name: RoleName) => confirmed.filter((entry) => entry.name === name).map((entry) => entry.holder);
    return {
      address: account,
      minDelay,
      proposers: withRole("proposers"),
      executors: withRole("executors"),
      cancellers: withRole("cancellers"),
      admins: [...new Set([...withRole("admins"), ...withRole("formerAdmins")])],
      openExecutor,
    };
  }

  return { facts };
}

function holdersIn(logs: readonly Log[]): Address[] {
  return logs.flatMap(({ topics }) => (topics[2] === undefined ? [] : [getAddress(`0x${topics[2].slice(26)}`)]));
}

function hasRole(role: Hex, account: Address): Hex {
  return encodeFunctionData({ abi, functionName: "hasRole", args: [role, account] });
}

async function readBasics(rpc: Rpc, account: Address, pin: Pin): Promise<{ minDelay: bigint; openExecutor: boolean }> {
  const probe = {
    calls: [{ to: account, value: 3n, data: "0x51554f52" as Hex }],
    predecessor: zeroHash,
    salt: roleHash.proposers,
  };
  const probeArgs = [[account], [3n], ["0x51554f52"], zeroHash, roleHash.proposers] as const;
  const [delay, hash, open] = await readMany(rpc, [
    callRead(account, encodeFunctionData({ abi, functionName: "getMinDelay" }), pin),
    callRead(account, encodeFunctionData({ abi, functionName: "hashOperationBatch", args: probeArgs }), pin),
    callRead(account, hasRole(roleHash.executors, zeroAddress), pin),
  ]);
  const minDelay = decoded(delay, (data) => decodeFunctionResult({ abi, functionName: "getMinDelay", data }));
  const openExecutor = decoded(open, (data) => decodeFunctionResult({ abi, functionName: "hasRole", data }));
  if (minDelay === undefined || openExecutor === undefined || hash !== operationId(probe))
    throw notATimelock(rpc, account);
  return { minDelay, openExecutor };
}

function notATimelock(rpc: Rpc, account: Address): ChainFault {
  return new ChainFault(
    "not a timelock",
    `${account} on chain ${rpc.endpoint.chain} is not an OpenZeppelin TimelockController.`,
  );
}

/**
 * An operation's state at the newest block, and the timestamp in seconds from which it may run (0 for Unset and Done).
 * Reckoned from `getTimestamp`, which every version has, as `getOperationState` of version 5 does.
 */
export async function operationState(
  rpc: Rpc,
  timelock: Address,
  id: Hex,
): Promise<{ state: OperationState; readyAt: bigint }> {
  const head = await latestHead(rpc);
  const data = encodeFunctionData({ abi, functionName: "getTimestamp", args: [id] });
  const [bytes] = await readMany(rpc, [callRead(timelock, data, { blockHash: head.hash })]);
  const readyAt = decoded(bytes, (result) => decodeFunctionResult({ abi, functionName: "getTimestamp", data: result }));
  if (readyAt === undefined) throw notATimelock(rpc, timelock);
  if (readyAt === 0n) return { state: "Unset", readyAt: 0n };
  if (readyAt === doneTimestamp) return { state: "Done", readyAt: 0n };
  return { state: readyAt > head.timestamp ? "Waiting" : "Ready", readyAt };
}

const callExecuted = hashOf("CallExecuted(bytes32,uint256,address,uint256,bytes)");

/** The transaction whose `CallExecuted` events are of this operation; undefined where the node knows of none. */
export async function executionReceipt(
  rpc: Rpc,
  timelock: Address,
  id: Hex,
  from: bigint,
): Promise<Receipt | undefined> {
  const filter = { address: timelock, topics: [callExecuted, id], fromBlock: numberToHex(from), toBlock: "latest" };
  const form = z.array(z.object({ transactionHash: hexWord }));
  const [first] = await rpc.request("eth_getLogs", [filter], form);
  return first === undefined ? undefined : findReceipt(rpc, first.transactionHash);
}
