/** A single Safe transaction on a fork, through the Safe itself; and what it schedules, once its delay is over. */

import { concat, encodeAbiParameters, encodeFunctionData, keccak256, pad, parseAbi } from "viem";
import type { SimulationReport, StepReport } from "../../chain-facts.ts";
import type { DecodedCall } from "../../domain/decode-calls.ts";
import type { Finding } from "../../domain/events.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import { execTransactionData } from "../../domain/safe-signatures.ts";
import { safeTxHashes } from "../../domain/safe-tx.ts";
import { executeBatchData } from "../../domain/timelock.ts";
import type { Fork } from "../../fork.ts";
import type { Chain } from "../../ports.ts";
import { findings, type GateInput, type Subject } from "../gate.ts";
import { type KnownGain, knownGain } from "../known-gains.ts";
import { knownAddresses } from "../new-code.ts";
import { addressesWritten, callsOf, functionsOf, signedBy } from "../signed-calls.ts";
import type { Upgrade } from "../upgrades.ts";
import { foreseenBy, judgeAfter, look, type Scene, sight } from "./aftermath.ts";
import { judgeSurroundings, surroundings } from "./environments.ts";
import { ownersChangeOf } from "./owner-changes.ts";
import type { Run } from "./package-run.ts";
import { failed } from "./release-path.ts";
import { placeTarget, stranger } from "./strangers.ts";

const { refuse, info } = findings("simulation");

type TransactionInput = GateInput<Subject & { kind: "transaction" }>;

export async function runTransaction(
  input: TransactionInput,
  chain: Chain,
  upgrades: readonly Upgrade[],
): Promise<Run> {
  const { tx } = input.subject;
  const scene: Scene = { upgrades, touched: touchedBy(input), policy: input.policy };
  const [safe, seen] = await Promise.all([chain.safe(tx.safe), sight(chain, scene)]);
  const scheduled = scheduledBy(input);
  const executors = await Promise.all(
    scheduled.map(async ({ timelock }) => {
      const { executors: named, openExecutor } = await chain.timelock(timelock);
      return named[0] ?? (openExecutor ? stranger : undefined);
    }),
  );
  const purses = { upgrades, known: knownAddresses(input, chain.id) };
  const play = async (fork: Fork): Promise<Run> => {
    const owners = ownersChangeOf(callsIn(input), tx.safe, safe.threshold);
    const gain = gainOf(input);
    const declared = [...(owners === undefined ? [] : [owners]), ...(gain?.change === undefined ? [] : [gain.change])];
    const running = await fork.running(upgrades.map((one) => one.proxy));
    await placeTarget(fork);
    const steps: StepReport[] = [];
    const found: Finding[] = [];
    // The owners' approvals stand in for their signatures: what is asked here is what the Safe would do with them.
    const { safeTxHash } = safeTxHashes(tx);
    const approvers = [...safe.owners].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)).slice(0, safe.threshold);
    await fork.write([
      ...approvers.map((owner) => ({ account: tx.safe, slot: approvalSlot(owner, safeTxHash), word: oneWord })),
      { account: tx.safe, slot: nonceSlot, word: pad(`0x${tx.nonce.toString(16)}`, { size: 32 }) },
    ]);
    const data = execTransactionData(
      tx,
      concat(approvers.map((owner) => concat([pad(owner, { size: 32 }), pad("0x", { size: 32 }), "0x01"]))),
    );
    const { timestamp } = await fork.head();
    const preview = await fork.trace([{ from: stranger, to: tx.safe, data }]);
    const before = await look(fork, scene, seen, preview, callsIn(input));
    const list = surroundings(timestamp + 1n, timestamp + 3600n, fork.block.number, undefined);
    found.push(
      ...(await judgeSurroundings(
        { fork, name: "the Safe transaction", call: { from: stranger, to: tx.safe, data }, time: timestamp + 1n },
        list,
        purses,
      )),
    );
    steps.push(
      await fork.send(
        { name: "the Safe transaction", from: stranger, to: tx.safe, value: 0n, data, after: 0n },
        upgrades.map((one) => one.proxy),
      ),
    );
    if (failed(steps) === undefined)
      for (const [index, { timelock, delay, data: executeData, value }] of scheduled.entries()) {
        const from = executors[index];
        if (from === undefined) {
          found.push(nobodyExecutes(timelock));
          continue;
        }
        const ready = (await fork.head()).timestamp + delay;
        const around = surroundings(ready, ready + 3600n, fork.block.number, undefined);
        found.push(
          ...(await judgeSurroundings(
            { fork, name: "what it schedules", call: { from, to: timelock, data: executeData, value }, time: ready },
            around,
            purses,
          )),
        );
        steps.push(
          await fork.send(
            { name: "what it schedules", from, to: timelock, value, data: executeData, after: delay },
            upgrades.map((one) => one.proxy),
          ),
        );
      }
    const report: SimulationReport = { chain: fork.chain, block: fork.block, before: running, steps, branches: [] };
    const stopped = failed(steps);
    if (stopped !== undefined || innerFailed(steps, tx.safe)) return { findings: [...found, outcome(stopped)], report };
    found.push(...(await judgeAfter(fork, before, { steps, declared, gain, expected: [] })).findings);
    if (!found.some((one) => one.severity !== "info"))
      found.push(
        info(
          "passed",
          `On a fork at block ${fork.block.number} it went through, and changed nothing that its calls do not say.`,
        ),
      );
    return { findings: found, report };
  };
  const calls = [{ from: tx.safe, to: tx.to, value: tx.value, data: tx.data }];
  return chain.onFork(play, Promise.resolve(foreseenBy(scene, seen, calls, addressesWritten(callsIn(input)))));
}

/** Of Safe's storage layout: approvedHashes is slot 8, the nonce slot 5, in every version since 1.0.0. */
const approvalSlot = (owner: Address, hash: Hex): Hex => {
  const mine = keccak256(encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [owner, 8n]));
  return keccak256(concat([hash, mine]));
};
const nonceSlot: Hex = pad("0x5", { size: 32 });
const oneWord: Hex = pad("0x1", { size: 32 });

/** `ExecutionFailure(bytes32,uint256)`: the receipt says success, the call inside failed, and the nonce is gone. */
const executionFailure: Hex = "0x23428b18acfb3ea64b08dc0c1d296ea9c09702c09083ca5272e64d115b687d23";

const innerFailed = (steps: readonly StepReport[], safe: Address) =>
  steps.some((step) => step.events.some((one) => one.address === safe && one.topics[0] === executionFailure));

const outcome = (stopped: StepReport | undefined) =>
  refuse(
    "outcome",
    stopped === undefined
      ? "In the simulation the call inside failed while the Safe's own transaction succeeded: the nonce would be used up for nothing."
      : `In the simulation "${stopped.name}" failed: ${stopped.reason}.`,
    {
      evidence: stopped === undefined ? "ExecutionFailure" : `${stopped.gasUsed} gas used`,
      fix: "Mend the call; nothing that reverts today is worth signatures.",
    },
  );

const nobodyExecutes = (timelock: Address) =>
  refuse(
    "no-executor",
    `Nobody may execute on the timelock ${timelock}, so what is scheduled there could not be simulated, and could never run.`,
    {
      evidence: `EXECUTOR_ROLE of ${timelock} has no holder`,
      fix: "Have EXECUTOR_ROLE granted to the executors' wallets.",
    },
  );

/** Of a change of authority that is all the transaction does, and that policy explains. */
function gainOf(input: TransactionInput): KnownGain | undefined {
  const [only, ...others] = callsIn(input).filter((call) => call.nested.length === 0);
  return only === undefined || others.length > 0 ? undefined : knownGain(only, input.policy, input.subject.tx.chain);
}

const executeOne = parseAbi([
  "function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable",
]);

interface Scheduled {
  timelock: Address;
  delay: bigint;
  data: Hex;
  value: bigint;
}

function scheduledBy({ subject, policy }: TransactionInput): Scheduled[] {
  const named = functionsOf(policy);
  return signedBy(subject).flatMap((signed) =>
    callsOf(signed, named).flatMap((call): Scheduled[] => {
      if (call.known?.signature === "schedule(address,uint256,bytes,bytes32,bytes32,uint256)") {
        const [to, value, data, predecessor, salt, delay] = call.args as [Address, bigint, Hex, Hex, Hex, bigint];
        const args = [to, value, data, predecessor, salt] as const;
        return [{ timelock: call.to, delay, data: encodeFunctionData({ abi: executeOne, args }), value }];
      }
      if (call.known?.signature !== "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)") return [];
      const [targets, values, payloads, predecessor, salt, delay] = call.args as [
        Address[],
        bigint[],
        Hex[],
        Hex,
        Hex,
        bigint,
      ];
      const calls = targets.map((to, index) => ({ to, value: values[index] ?? 0n, data: payloads[index] ?? "0x" }));
      return [
        {
          timelock: call.to,
          delay,
          data: executeBatchData({ calls, predecessor, salt }),
          value: values.reduce((sum, one) => sum + one, 0n),
        },
      ];
    }),
  );
}

function touchedBy(input: TransactionInput): Address[] {
  const leaves = callsIn(input).filter((call) => call.nested.length === 0);
  return [...new Set(leaves.map((call) => call.to))].filter((to) => to !== input.subject.tx.safe);
}

function callsIn({ subject, policy }: TransactionInput): DecodedCall[] {
  const named = functionsOf(policy);
  return signedBy(subject).flatMap((signed) => callsOf(signed, named));
}
