/**
 * Compares an execution with the chain: the timelock has exactly this operation and lets it run now, the wallet may run
 * it, the window is open by block time, the code is what was approved, and the batch was tried from the wallet's account.
 */

import { decodeFunctionResult, encodeFunctionData, parseAbi, toHex } from "viem";
import { duration } from "../../domain/duration.ts";
import { preconditionsCodeHash } from "../../domain/preconditions.ts";
import { type Address, type Hex, zeroHash } from "../../domain/primitives.ts";
import { proxyChanges } from "../../domain/release-package.ts";
import { revertReason } from "../../domain/revert-reason.ts";
import { executorRole } from "../../domain/timelock.ts";
import { answer, type ChainFacts, readChain } from "./chain-reads.ts";
import { agrees, type Check, codeCheck, differs, equal, once, type Signer, unread, whoSigns } from "./checks.ts";
import type { ExecutionPlan, LegCall } from "./execution.ts";
import { capital, utc, wordsOf } from "./plain-words.ts";
import { type Provider, read, tryCall } from "./provider.ts";
import type { Look } from "./work.ts";

const abi = parseAbi([
  "function getTimestamp(bytes32 id) view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
]);
/** TimelockController's timestamp of an operation that has run. */
const DONE = 1n;

export interface ExecutionLook extends Look {
  /** Timestamp of the chain's newest block, seconds; undefined where it was not read. */
  blockTime: bigint | undefined;
}

/** Reads the wallet's chain and compares. Never throws. */
export async function lookAtExecution(
  plan: ExecutionPlan,
  provider: Provider,
  signer: Signer,
  /** Ids of legs that were seen to have run, on whichever chain the wallet was then; this look adds its own. */
  ran: Set<string>,
): Promise<ExecutionLook> {
  const calls = plan.calls.filter((one) => one.call.chain === signer.chain);
  const [facts, blockTime, states] = await Promise.all([
    readChain(provider, plan.release, signer.chain),
    readBlockTime(provider),
    Promise.all(calls.map((one) => operationTime(provider, one.call.to, one.operationId))),
  ]);
  const isDone = (_one: LegCall, at: number) => states[at] === DONE;
  const done = calls.filter(isDone).map((one) => one.id);
  for (const id of done) ran.add(id);
  const at = calls.findIndex((one, index) => !isDone(one, index));
  const current = calls[at];
  const checks =
    current === undefined
      ? [whoSigns(plan.brief.person, signer)]
      : await checksOf({ plan, provider, signer, facts, blockTime, ran }, current, states[at]);
  return { checks: once(checks), facts, done, blockTime };
}

interface Seen {
  plan: ExecutionPlan;
  provider: Provider;
  signer: Signer;
  facts: ChainFacts;
  blockTime: bigint | undefined;
  ran: ReadonlySet<string>;
}

async function checksOf(seen: Seen, one: LegCall, since: bigint | undefined): Promise<Check[]> {
  const { plan, provider, signer, facts, blockTime } = seen;
  const [mayRun, before, waitsFor, trial] = await Promise.all([
    hasRole(provider, one.call.to, signer.account),
    one.predecessor === zeroHash ? DONE : operationTime(provider, one.call.to, one.predecessor),
    unmetDependencies(seen, one),
    tryCall(provider, { from: signer.account, to: one.call.to, value: toHex(one.call.value), data: one.call.data }),
  ]);
  const { nameOf } = wordsOf(plan.release.pkg);
  return [
    whoSigns(plan.brief.person, signer),
    equal(mayRun, true, {
      same: `Your account may run operations of ${nameOf(one.call.to)} (it holds EXECUTOR_ROLE).`,
      other: () =>
        `Your account ${signer.account} may not run anything here: it holds no EXECUTOR_ROLE of ${nameOf(one.call.to)}.`,
      unread: "Whether your account may execute (EXECUTOR_ROLE): not read.",
    }),
    windowCheck(one, blockTime),
    operationCheck(one, since, blockTime, nameOf(one.call.to)),
    equal(before, DONE, {
      same: `The operation before ${one.id} has run, or there is none.`,
      other: () => `The operation ${one.predecessor}, which has to run before ${one.id}, has not run yet.`,
      unread: `Whether the operation before ${one.id} has run: not read.`,
    }),
    ...waitsFor,
    ...codeChecks(plan, one, facts),
    trialCheck(one, trial),
  ];
}

function windowCheck({ id, window: { opens, ends } }: LegCall, now: bigint | undefined): Check {
  if (now === undefined)
    return unread(`The time of the chain's newest block, and so whether the window of ${id} is open: not read.`);
  const at = `by the chain's clock it is ${utc(now)}`;
  if (now < opens) return differs(`The window of ${id} opens at ${utc(opens)}, in ${duration(opens - now)}; ${at}.`);
  return now <= ends
    ? agrees(`The window of ${id} is open until ${utc(ends)}, for another ${duration(ends - now)}; ${at}.`)
    : differs(`The window of ${id} ended at ${utc(ends)}; ${at}. It can never run any more.`);
}

/** The id is a hash over every call: that it stands there means that the council scheduled exactly this batch. */
function operationCheck(
  { id, operationId }: LegCall,
  since: bigint | undefined,
  now: bigint | undefined,
  timelock: string,
): Check {
  if (since === undefined || now === undefined)
    return unread(`State of the operation ${operationId} of ${id} in ${timelock}: not read.`);
  if (since === 0n)
    return differs(
      `${capital(timelock)} knows no operation ${operationId}: this batch was never scheduled, or it was cancelled.`,
    );
  return since > now
    ? differs(`The operation of ${id} waits in ${timelock} until ${utc(since)}, for another ${duration(since - now)}.`)
    : agrees(
        `The operation ${operationId} of ${id} stands in ${timelock}, Ready since ${utc(since)}: exactly this batch was scheduled.`,
      );
}

/** Legs that this one builds on; of other chains nothing can be read here. */
async function unmetDependencies({ plan, provider, signer, ran }: Seen, one: LegCall): Promise<Check[]> {
  if (plan.brief.purpose === "rollback") return [];
  const others = plan.calls.filter((other) => one.leg.dependsOn.includes(other.id));
  return Promise.all(
    others.map(async (other) => {
      if (ran.has(other.id)) return agrees(`${other.id}, on which ${one.id} depends, has run.`);
      if (other.call.chain !== signer.chain)
        return unread(
          `${other.id} on ${other.call.chain}, on which ${one.id} depends: not read from here. Send it first.`,
        );
      return equal(await operationTime(provider, other.call.to, other.operationId), DONE, {
        same: `${other.id}, on which ${one.id} depends, has run.`,
        other: () => `${other.id}, on which ${one.id} depends, has not run yet.`,
        unread: `Whether ${other.id}, on which ${one.id} depends, has run: not read.`,
      });
    }),
  );
}

function codeChecks({ brief }: ExecutionPlan, { leg }: LegCall, facts: ChainFacts): Check[] {
  const back = brief.purpose === "rollback";
  const proxies = proxyChanges(leg).flatMap((change) => {
    const expected = back ? change.toImplementation : change.fromImplementation;
    return [
      equal(facts.proxies.get(change.proxy)?.implementation, expected, {
        same: `${change.name} runs ${expected} now, from which it ${back ? "goes back" : "is upgraded"}.`,
        other: (found) => `${change.name} runs ${found} now instead of ${expected}: somebody changed it.`,
        unread: `What ${change.name} runs now: not read.`,
      }),
      back
        ? codeCheck(`The old code of ${change.name}`, change.fromImplementation, change.fromCodeHash, facts)
        : codeCheck(`The new code of ${change.name}`, change.toImplementation, change.toCodeHash, facts),
    ];
  });
  return [
    ...proxies,
    codeCheck("The Preconditions contract, which guards the batch,", leg.preconditionsAt, preconditionsCodeHash, facts),
  ];
}

/** The chain itself says whether it would go through now, preconditions included. */
function trialCheck({ id, does }: LegCall, trial: Awaited<ReturnType<typeof tryCall>>): Check {
  if (trial.ok)
    return agrees(`Tried from your account at the newest block, all ${does.nested.length} calls of ${id} go through.`);
  return trial.revert === undefined
    ? unread(`Whether ${id} would go through from your account: the wallet did not say.`)
    : differs(`${id} would revert as a whole, so there is nothing to send: ${revertReason(trial.revert)}.`);
}

async function operationTime(provider: Provider, timelock: Address, id: Hex): Promise<bigint | undefined> {
  return view<bigint>(provider, timelock, "getTimestamp", [id]);
}

/** Whether the operation has run, by whomever: undefined where it could not be read. */
export async function hasRun(provider: Provider, { call, operationId }: LegCall): Promise<boolean | undefined> {
  const found = await operationTime(provider, call.to, operationId);
  return found === undefined ? undefined : found === DONE;
}

async function hasRole(provider: Provider, timelock: Address, account: Address): Promise<boolean | undefined> {
  return view<boolean>(provider, timelock, "hasRole", [executorRole, account]);
}

async function view<T>(
  provider: Provider,
  to: Address,
  functionName: "getTimestamp" | "hasRole",
  args: readonly Hex[],
): Promise<T | undefined> {
  const data = encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData<typeof abi>>[0]);
  const found = await answer(provider, "eth_call", [{ to, data }, "latest"]);
  if (found === undefined) return undefined;
  try {
    return decodeFunctionResult({ abi, functionName, data: found }) as T;
  } catch {
    return undefined;
  }
}

async function readBlockTime(provider: Provider): Promise<bigint | undefined> {
  const block = await read(provider, "eth_getBlockByNumber", ["latest", false]).catch(() => undefined);
  const found = typeof block === "object" && block !== null && "timestamp" in block ? block.timestamp : undefined;
  return typeof found === "string" && /^0x[0-9a-fA-F]{1,16}$/.test(found) ? BigInt(found) : undefined;
}
