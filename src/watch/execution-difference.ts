/** After each execution: its own trace, and the code that runs then, read at its block and held against the package. */

import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import type { BlockRef, CeremonyState } from "../domain/ceremony.ts";
import { slots } from "../domain/known-slots.ts";
import type { Address, Hex } from "../domain/primitives.ts";
import { legById, proxyChanges } from "../domain/release-package.ts";
import { executionDifferences, type RunsNow } from "../domain/watch/execution-difference.ts";
import { addressOf } from "../domain/watch/privileged-events.ts";
import type { WatchedAccount } from "../domain/watch/watched.ts";
import { type Chain, ChainFault } from "../ports.ts";

export interface ExecutedLeg {
  leg: string;
  purpose: "upgrade" | "rollback";
  /** Of the transaction that executed it. */
  hash: Hex;
  block: BlockRef;
}

/** `compared` is false where the node does not trace, or has given the block up: that is no agreement. */
export type ExecutionComparison = { compared: true; differences: string[] } | { compared: false; reason: string };

export interface ComparisonParts {
  chain: Pick<Chain, "traced" | "wordsAt" | "codeHashesAt" | "callMany">;
  accounts: readonly WatchedAccount[];
  nameOf(account: Address): string;
}

const beaconAbi = parseAbi(["function implementation() view returns (address)"]);

/** Throws where the node fails on the way: ask again. */
export async function compareExecution(
  state: CeremonyState,
  executed: ExecutedLeg,
  { chain, accounts, nameOf }: ComparisonParts,
): Promise<ExecutionComparison> {
  const { leg, purpose, hash, block } = executed;
  const auditHead = state.review?.auditHead;
  if (auditHead === undefined)
    return { compared: false, reason: `${state.id} has no review that the execution could be compared with.` };
  try {
    const [trace, runs] = await Promise.all([chain.traced(hash), runsAfter(state, leg, block, chain)]);
    const anchor = { packageHash: state.packageHash, auditHead };
    return {
      compared: true,
      differences: executionDifferences({
        package: state.package,
        anchor,
        leg,
        purpose,
        trace,
        runs,
        accounts,
        nameOf,
      }),
    };
  } catch (fault) {
    if (!(fault instanceof ChainFault) || fault.kind !== "rejected") throw fault;
    return { compared: false, reason: fault.message };
  }
}

/** At the execution's own block: what came after it is no part of it. */
async function runsAfter(
  state: CeremonyState,
  leg: string,
  { hash: blockHash }: BlockRef,
  chain: ComparisonParts["chain"],
): Promise<RunsNow[]> {
  const at = { blockHash };
  const changes = proxyChanges(legById(state.package, leg));
  const ownSlots = changes.map(({ proxy }) => ({ account: proxy, slot: slots.implementation }));
  const asked = changes.map(({ admin }) => ({ to: admin, data: encodeFunctionData({ abi: beaconAbi }) }));
  const [words, answers] = await Promise.all([chain.wordsAt(ownSlots, at), chain.callMany(asked, at)]);
  const implementations = changes.map(({ proxyKind }, index): Address => {
    const answer = answers[index];
    if (proxyKind !== "beacon") return addressOf(words[index]);
    return answer === null || answer === undefined || answer === "0x"
      ? addressOf(undefined)
      : decodeFunctionResult({ abi: beaconAbi, data: answer });
  });
  const codeHashes = await chain.codeHashesAt(implementations, at);
  return changes.map(({ proxy }, index) => ({
    proxy,
    implementation: implementations[index] ?? addressOf(undefined),
    codeHash: codeHashes[index] ?? "0x",
  }));
}
