/** The embedded world: a chain of its own with a council, guardians, a timelock and a protocol that people use. */

import { startAnvil } from "../chain/anvil.ts";
import {
  deterministicDeployer,
  preconditionsAddress,
  preconditionsInitCode,
} from "../chain/preconditions/preconditions.ts";
import type { Address } from "../domain/primitives.ts";
import { type ChainTime, chainTime } from "./chain-time.ts";
import { connectNode, type EmbeddedNode, hex, type UnsignedTransaction } from "./node.ts";
import {
  councilNames,
  embeddedGasAccount,
  embeddedPeople,
  executorNames,
  guardianNames,
  keylessAccount,
  type PersonName,
} from "./people.ts";
import { emptyPlan } from "./plan.ts";
import { deployProtocol, type ProtocolAddresses } from "./protocol.ts";
import {
  createSafe,
  deploySafeContracts,
  type SafeContracts,
  type SafeVersion,
  safeSingletonFactory,
} from "./safes.ts";
import { deployTimelock } from "./timelock.ts";
import { openingTrades, tradingAccounts } from "./traders.ts";
import { type InTurn, oneAtATime } from "./turns.ts";

/**
 * Ids a chain of ours may carry: none is a public chain's. A signature made here with a known key would hold on any
 * chain of the same id.
 */
const localChainIds: readonly number[] = [31337, 31338, 31339];

/**
 * Block hashes (EIP-2935) and beacon roots (EIP-4788): contracts that every block writes new slots to. Nobody here reads
 * them, and with them each block takes longer than the one before: twice as long after 1,500.
 */
const growingHistory = ["0x0000F90827F1C53a10cb7A02335B175320002935", "0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02"];

export interface WorldOptions {
  safeVersion?: SafeVersion;
  /** The timelock's delay in seconds; 48 hours by default. */
  minDelay?: bigint;
  /** Changes every address of ours, as if somebody else had deployed the world. */
  deployer?: string;
}

export interface StartOptions extends WorldOptions {
  /** One of {@link localChainIds}; 31337 by default. */
  chainId?: number;
  /** A free one by default. */
  port?: number;
  /** Timestamp of the first block in seconds; a minute ago by default. */
  timestamp?: bigint;
}

export interface WorldAddresses extends ProtocolAddresses {
  chainId: number;
  safeVersion: SafeVersion;
  councilSafe: Address;
  guardianSafe: Address;
  timelock: Address;
  preconditions: Address;
  safeContracts: SafeContracts;
}

export interface World extends WorldAddresses {
  readonly url: string;
  readonly wsUrl: string;
  readonly node: EmbeddedNode;
  readonly time: ChainTime;
  /** Whoever mines takes a turn, so that blocks stay exact. */
  readonly inTurn: InTurn;
}

export interface StartedWorld extends World {
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a chain and deploys the world on it. It never forks, and never has a public chain's id: both are refused. */
export async function startWorld(options: StartOptions = {}): Promise<StartedWorld> {
  if ("forkUrl" in options) throw new Error("The embedded world never lives on a fork: its keys are public.");
  const chainId = options.chainId ?? 31337;
  requireLocal(chainId);
  const timestamp = options.timestamp ?? BigInt(Math.floor(Date.now() / 1000) - 60);
  const anvil = await startAnvil({ chainId, automine: false, timestamp, port: options.port ?? 0, keepStates: 500 });
  try {
    const world = await deployWorld(anvil.url, options);
    return { ...world, stop: anvil.stop, [Symbol.asyncDispose]: anvil.stop };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

/** Deploys the world on an anvil that runs already, empty and not mining by itself. Takes about half a second. */
export async function deployWorld(url: string, options: WorldOptions = {}): Promise<World> {
  const node = connectNode(url);
  const chainId = await requireOwnChain(node);
  const { plans, addresses } = planWorld(chainId, options);
  const deployers = plans.map((plan) => plan.from);
  await node.requests([
    { method: "anvil_setCode", params: [safeSingletonFactory.address, safeSingletonFactory.code] },
    ...growingHistory.map((address) => ({ method: "anvil_setCode", params: [address, "0x"] })),
    ...[...deployers, ...tradingAccounts].flatMap((account) => [
      { method: "anvil_impersonateAccount", params: [account] },
      { method: "anvil_setBalance", params: [account, hex(10n ** 24n)] },
    ]),
    ...[...executorNames.map((name) => embeddedPeople[name].address), embeddedGasAccount.address].map((account) => ({
      method: "anvil_setBalance",
      params: [account, hex(10n ** 20n)],
    })),
  ]);
  for (const transactions of [plans.flatMap((plan) => plan.transactions), openingTrades(addresses)])
    await mineAll(node, transactions);
  await node.requests(deployers.map((account) => ({ method: "anvil_stopImpersonatingAccount", params: [account] })));
  return { ...addresses, url, wsUrl: url.replace(/^http/, "ws"), node, time: chainTime(), inTurn: oneAtATime() };
}

/** Where everything will be: known without a chain, the same at every start. */
export function worldAddresses(chainId: number, options: WorldOptions = {}): WorldAddresses {
  return planWorld(chainId, options).addresses;
}

function planWorld(chainId: number, options: WorldOptions) {
  const safeVersion = options.safeVersion ?? "1.4.1";
  const label = options.deployer ?? "deployer";
  const own = emptyPlan(keylessAccount(label));
  const shared = emptyPlan(keylessAccount(`${label} of shared contracts`));
  const safeContracts = deploySafeContracts(shared, safeVersion);
  shared.create2(deterministicDeployer, preconditionsInitCode);
  const saltNonce = BigInt(keylessAccount(label));
  const safe = (names: readonly PersonName[], threshold: number) =>
    createSafe(shared, safeContracts, { version: safeVersion, owners: addressesOf(names), threshold, saltNonce });
  const councilSafe = safe(councilNames, 3);
  const guardianSafe = safe(guardianNames, 2);
  const timelock = deployTimelock(own, {
    minDelay: options.minDelay ?? 172_800n,
    proposer: councilSafe,
    canceller: guardianSafe,
    executors: addressesOf(executorNames),
  });
  const protocol = deployProtocol(own, { timelock, guardianSafe });
  const addresses: WorldAddresses = {
    chainId,
    safeVersion,
    councilSafe,
    guardianSafe,
    timelock,
    preconditions: preconditionsAddress,
    ...protocol,
    safeContracts,
  };
  return { plans: [shared, own], addresses };
}

function addressesOf(names: readonly PersonName[]): Address[] {
  return names.map((name) => embeddedPeople[name].address);
}

function requireLocal(chainId: number): void {
  if (!localChainIds.includes(chainId))
    throw new Error(
      `The embedded chain may not have the id ${chainId}: a signature made there would hold on the real chain of that id. Allowed are ${localChainIds.join(", ")}.`,
    );
}

async function requireOwnChain(node: EmbeddedNode): Promise<number> {
  const [chainId, info] = await node.requests([
    { method: "eth_chainId", params: [] },
    { method: "anvil_nodeInfo", params: [] },
  ]);
  requireLocal(Number(chainId));
  const { forkConfig } = info as { forkConfig?: { forkUrl?: string | null } };
  if (forkConfig?.forkUrl) throw new Error("The embedded world never lives on a fork: its keys are public.");
  return Number(chainId);
}

/** Sends all, mines until each is in a block, and throws if one failed: the world is whole or not at all. */
async function mineAll(node: EmbeddedNode, transactions: readonly UnsignedTransaction[]): Promise<void> {
  const hashes = await node.requests(transactions.map((sent) => ({ method: "eth_sendTransaction", params: [sent] })));
  let pending = 1n;
  while (pending > 0n) {
    await node.request("evm_mine");
    const status = (await node.request("txpool_status")) as { pending: string };
    if (BigInt(status.pending) === pending) throw new Error("The embedded chain does not mine what was sent to it.");
    pending = BigInt(status.pending);
  }
  const receipts = await node.requests(hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })));
  const failed = receipts.findIndex((receipt) => (receipt as { status?: string } | null)?.status !== "0x1");
  if (failed >= 0) throw new Error(`The embedded world could not be deployed: transaction ${failed} failed.`);
}
