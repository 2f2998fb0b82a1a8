/**
 * Whether a rehearsal ended as it should: read from the chain by {@link "./raw-chain.ts"}, never asked of the ceremony.
 * It knows who is who on the chain and what the scenario promises, and nothing of packages, logs or votes.
 */

import { type InvariantName, measured } from "./judge-invariants.ts";
import {
  blockNumber,
  codeHash,
  endOf,
  executeBatchData,
  implementationOf,
  minDelayOf,
  operationsOf,
  type RawOperation,
  type RawSafe,
  revertOf,
  safeAt,
} from "./raw-chain.ts";
import { isPaused } from "./raw-protocol.ts";
import type { Hex } from "./raw-rpc.ts";

/** Who is who on the chain. */
export interface Subjects {
  url: string;
  timelock: Hex;
  preconditions: Hex;
  councilSafe: Hex;
  guardianSafe: Hex;
  /** Pays for the Safes' transactions. */
  gasAccount: Hex;
  executor: Hex;
  gauges: Hex;
  pilotPool: Hex;
  vault: Hex;
  priceFeed: Hex;
  upgrades: Upgrade[];
}

/** What is upgraded in which phase. */
export interface Upgrade {
  phase: string;
  name: string;
  kind: "proxy" | "beacon";
  /** Where the implementation is read: the proxy or the beacon. */
  at: Hex;
  from: Hex;
  to: Hex;
}

/** What the chain shows at one moment. */
export interface Photograph {
  block: bigint;
  implementations: string[];
  codeHashes: string[];
  council: RawSafe;
  guardian: RawSafe;
  paused: Pausable[];
}

const pausable = { pilotPool: "pilot pool", vault: "vault" } as const;
/** What the guardians can pause. */
export type Pausable = keyof typeof pausable;

export async function photograph(subjects: Subjects): Promise<Photograph> {
  const { url, upgrades } = subjects;
  const names = Object.keys(pausable) as Pausable[];
  const [block, council, guardian, paused, implementations, codeHashes] = await Promise.all([
    blockNumber(url),
    safeAt(url, subjects.councilSafe),
    safeAt(url, subjects.guardianSafe),
    Promise.all(names.map((name) => isPaused(url, subjects[name]))),
    Promise.all(upgrades.map((one) => implementationOf(url, one.kind, one.at))),
    Promise.all(upgrades.flatMap((one) => [codeHash(url, one.from), codeHash(url, one.to)])),
  ]);
  return {
    block,
    implementations,
    codeHashes,
    council,
    guardian,
    paused: names.filter((_name, index) => paused[index]),
  };
}

/** What an operation of a phase must have come to. */
export type Fate = "executed" | "cancelled" | "waits";

const fateInWords: Record<Fate, string> = {
  executed: "executed after the full delay by the executor's wallet",
  cancelled: "cancelled by the guardians",
  waits: "waits there",
};

export interface Promises {
  /** Per phase: what runs at the end, and what became of its two operations. */
  phases: Record<string, { runs: "old" | "new"; upgrade: Fate; rollback: Fate }>;
  /** Transactions that each Safe sent. */
  councilSent: bigint;
  guardianSent: bigint;
  paused: readonly Pausable[];
  /** What did not hold at some block; everything else held in all of them. */
  broken: readonly InvariantName[];
  /** No upgrade could be executed any more before it was cancelled: the chain itself refused it as too late. */
  tooLate: boolean;
}

/** One claim, and what was found on the chain. */
export interface Proof {
  claim: string;
  holds: boolean;
  found: string;
}

const proof = (claim: string, holds: boolean, found: string): Proof => ({ claim, holds, found });
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Judges the chain as it is now against the photograph from before and what the scenario promises. */
export async function judge(subjects: Subjects, before: Photograph, promises: Promises): Promise<Proof[]> {
  const now = await photograph(subjects);
  const operations = await operationsOf(subjects.url, subjects.timelock);
  return [
    ...implementations(subjects, now, promises),
    sameCode(before, now),
    ...(await fates(subjects, operations, promises)),
    safe("council Safe", before.council, now.council, promises.councilSent),
    safe("guardian Safe", before.guardian, now.guardian, promises.guardianSent),
    ...pauses(now, promises),
    ...(await sinceExecution(subjects, before, now, operations, promises)),
    ...(promises.tooLate ? [await refusedAsLate(subjects, operations)] : []),
  ];
}

function implementations({ upgrades }: Subjects, now: Photograph, { phases }: Promises): Proof[] {
  return upgrades.map((one, index) => {
    const runs = phases[one.phase]?.runs ?? "old";
    const found = now.implementations[index] ?? "nothing";
    return proof(`${one.name} runs its ${runs} implementation`, same(found, runs === "new" ? one.to : one.from), found);
  });
}

function sameCode(before: Photograph, now: Photograph): Proof {
  const changed = now.codeHashes.filter((hash, index) => hash !== before.codeHashes[index]).length;
  const claim = "The code of every implementation, old and new, is what it was at the start";
  return proof(claim, changed === 0, `${now.codeHashes.length} code hashes read, ${changed} differ`);
}

function safe(name: string, before: RawSafe, now: RawSafe, sent: bigint): Proof {
  const same = before.threshold === now.threshold && before.owners.join() === now.owners.join();
  return proof(
    `The ${name} sent ${sent} transactions, and has the same owners and threshold`,
    now.nonce - before.nonce === sent && same,
    `nonce ${before.nonce} to ${now.nonce}, ${now.threshold} of ${now.owners.length} owners`,
  );
}

/** Which phase an operation belongs to, and which of its two it is: by the address it upgrades to, and by nothing else. */
function roleOf({ preconditions, upgrades }: Subjects, operation: RawOperation): string {
  const bytes = operation.calls
    .filter((one) => !same(one.to, preconditions))
    .map((one) => one.data.toLowerCase())
    .join();
  const mentions = (address: Hex) => bytes.includes(address.slice(2).toLowerCase());
  const found = upgrades.flatMap((one) => [
    ...(mentions(one.to) ? [`${one.phase} upgrade`] : []),
    ...(mentions(one.from) ? [`${one.phase} rollback`] : []),
  ]);
  return [...new Set(found)].join(" and ") || "unknown";
}

async function fates(subjects: Subjects, operations: RawOperation[], { phases }: Promises): Promise<Proof[]> {
  const minDelay = await minDelayOf(subjects.url, subjects.timelock);
  const wanted = Object.entries(phases).flatMap(([phase, { upgrade, rollback }]) => [
    { role: `${phase} upgrade`, fate: upgrade },
    { role: `${phase} rollback`, fate: rollback },
  ]);
  const roles = operations.map((one) => roleOf(subjects, one));
  const proofs = wanted.map(({ role, fate }) => {
    const [one, more] = operations.filter((_one, index) => roles[index] === role);
    const claim = `The ${role} was scheduled by the council and ${fateInWords[fate]}`;
    if (one === undefined || more !== undefined)
      return proof(claim, false, `${one === undefined ? "none" : "two"} found`);
    const problem = operationProblem(subjects, one, fate, minDelay);
    return proof(claim, problem === undefined, problem ?? `operation ${one.id} is ${one.state}`);
  });
  const pending = operations.filter((one) => one.state === "Waiting" || one.state === "Ready").length;
  const strange = operations.length - wanted.length;
  const waiting = wanted.filter((one) => one.fate === "waits").length;
  return [
    ...proofs,
    proof(
      waiting === 0
        ? "Nothing is left in the timelock that could still run, and nothing else was ever put there"
        : "Nothing waits in the timelock but what was approved, and nothing else was ever put there",
      pending === waiting && strange === 0,
      `${operations.length} operations in its logs, ${pending} pending`,
    ),
  ];
}

/** What is wrong with an operation's way through the timelock; undefined where it is as promised. */
function operationProblem(who: Subjects, one: RawOperation, fate: Fate, minDelay: bigint): string | undefined {
  const { scheduled, executed, cancelled } = one;
  if (one.id !== one.recomputed) return `its id ${one.id} is not the hash of its calls`;
  if (!same(scheduled.to, who.councilSafe) || !same(scheduled.from, who.gasAccount))
    return `it was scheduled by ${scheduled.from} through ${scheduled.to}`;
  if (one.delay < minDelay) return `its delay is ${one.delay} s`;
  if (fate === "waits") return one.state === "Waiting" || one.state === "Ready" ? undefined : `it is ${one.state}`;
  if (fate === "cancelled") {
    if (one.state !== "Unset" || executed !== undefined) return `it is ${one.state}`;
    if (cancelled === undefined) return "no cancellation is in the logs";
    return same(cancelled.to, who.guardianSafe) ? undefined : `it was cancelled through ${cancelled.to}`;
  }
  if (one.state !== "Done" || executed === undefined) return `it is ${one.state}`;
  if (!same(executed.from, who.executor) || !same(executed.to, who.timelock))
    return `it was executed by ${executed.from} through ${executed.to}`;
  const waited = executed.time - scheduled.time;
  if (waited < minDelay) return `it ran ${waited} s after it was scheduled`;
  const end = endOf(one);
  if (end === undefined) return "it carries no end of its own";
  return executed.time <= end ? undefined : `it ran after its end ${end}`;
}

function pauses(now: Photograph, { paused }: Promises): Proof[] {
  return (Object.keys(pausable) as Pausable[]).map((name) => {
    const is = now.paused.includes(name);
    const wanted = paused.includes(name);
    return proof(`The ${pausable[name]} is ${wanted ? "" : "not "}paused`, is === wanted, `paused() is ${is}`);
  });
}

/** In every block since the first execution, or at the end where there was none. */
function sinceExecution(
  subjects: Subjects,
  before: Photograph,
  now: Photograph,
  operations: RawOperation[],
  { broken }: Promises,
): Promise<Proof[]> {
  const executions = operations.flatMap((one) => (one.executed === undefined ? [] : [one.executed.block]));
  const from = executions.reduce((a, b) => (a < b ? a : b), now.block);
  return measured(subjects, { start: before.block, from, to: now.block }, broken);
}

/** At the last block before the first cancellation: the executor's own call, past the bot. */
async function refusedAsLate(subjects: Subjects, operations: RawOperation[]): Promise<Proof> {
  const claim = "Past the bot too the executor could not run the upgrade any more: the chain refuses it as too late";
  const cancellations = operations.flatMap((one) => (one.cancelled === undefined ? [] : [one.cancelled.block]));
  const first = cancellations.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
  const upgrade = operations.find((one) => roleOf(subjects, one) === `${subjects.upgrades[0]?.phase} upgrade`);
  if (first === undefined || upgrade === undefined) return proof(claim, false, "nothing was scheduled and cancelled");
  const { url, executor, timelock } = subjects;
  const error = await revertOf(url, executor, timelock, executeBatchData(upgrade), first - 1n);
  return proof(claim, error === "TooLate", error ?? "it would have run");
}
