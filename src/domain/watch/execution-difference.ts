/**
 * What an execution did, from its own trace, against the package: calls, events, storage, and the code that runs after it.
 * The traffic of others is in other transactions, and no difference.
 */

import { knownSlot, slots } from "../known-slots.ts";
import type { ChainId } from "../primitives.ts";
import { type Address, type Hex, zeroHash } from "../primitives.ts";
import { type Leg, legById, type ReleasePackage } from "../release-package.ts";
import { operationId, type TimelockBatch } from "../timelock.ts";
import { type Anchor, rollbackBatch, timelockOf, upgradeBatch } from "../transactions.ts";
import { type Implied, impliedEvents, isImplied } from "./implied-events.ts";
import { addressOf, privilegedClause, privilegedEvent, wordsOf } from "./privileged-events.ts";
import type { WatchedAccount } from "./watched.ts";

export interface ExecutedTrace {
  frames: readonly { type: string; from: Address; to: Address; input: Hex; value: bigint; failed: boolean }[];
  events: readonly { address: Address; topics: readonly Hex[]; data: Hex }[];
  storage: readonly { address: Address; slot: Hex; before: Hex; after: Hex }[];
  codeChanged: readonly Address[];
}

/** What a proxy of the leg runs right after it. */
export interface RunsNow {
  proxy: Address;
  implementation: Address;
  codeHash: Hex;
}

export interface Execution {
  package: ReleasePackage;
  anchor: Anchor;
  leg: string;
  purpose: "upgrade" | "rollback";
  trace: ExecutedTrace;
  runs: readonly RunsNow[];
  /** Everything that power hangs on, on the leg's chain. */
  accounts: readonly WatchedAccount[];
  nameOf(account: Address): string;
}

interface Approved {
  leg: Leg;
  chain: ChainId;
  timelock: Address;
  batch: TimelockBatch;
  /** What each proxy is to run. */
  code: readonly RunsNow[];
  /** Contracts that keep their implementation in a slot of their own. */
  beacons: readonly Address[];
  expected: Implied[];
  /** Whether more runs than the changes of code themselves: then contracts may write what nobody can name. */
  runsMore: boolean;
}

/** Whole sentences, each a difference; none where everything is as it was approved. */
export function executionDifferences(one: Execution): string[] {
  const approved = approvedBy(one);
  return [
    ...otherCalls(one, approved),
    ...otherEvents(one, approved),
    ...otherWrites(one, approved),
    ...otherCode(one, approved),
  ];
}

function approvedBy({ package: pkg, anchor, leg: id, purpose }: Execution): Approved {
  const leg = legById(pkg, id);
  const { timelock } = timelockOf(leg);
  const batch = (purpose === "upgrade" ? upgradeBatch : rollbackBatch)(pkg, leg, anchor);
  const changes = leg.changes.filter((one) => one.kind === "proxy");
  const code: RunsNow[] =
    purpose === "upgrade"
      ? changes.map((one) => ({ proxy: one.proxy, implementation: one.toImplementation, codeHash: one.toCodeHash }))
      : leg.rollback.restores.map(({ contract, ...rest }) => ({ proxy: contract, ...rest }));
  const stated = purpose === "upgrade" ? leg.expects.events : [];
  return {
    ...{ leg, chain: leg.chain, timelock, batch, code },
    beacons: changes.flatMap((one) => (one.proxyKind === "beacon" ? [one.admin] : [])),
    expected: [
      ...impliedEvents(timelock, batch.calls),
      ...stated.map(({ address, topic }): Implied => ({ account: address, topic, args: [] })),
    ],
    runsMore:
      purpose === "upgrade" && (leg.calls.length > changes.length || changes.some((one) => one.initData !== "0x")),
  };
}

/** The timelock made the calls that were approved, in their order, and nobody lent out power or made code. */
function otherCalls({ trace, accounts, nameOf }: Execution, { timelock, batch }: Approved): string[] {
  const made = trace.frames.filter((one) => one.from === timelock && one.type === "CALL");
  const differences: string[] = [];
  for (let index = 0; index < Math.max(made.length, batch.calls.length); index += 1) {
    const [own, wanted] = [made[index], batch.calls[index]];
    if (own !== undefined && wanted !== undefined && isSameCall(own, wanted)) continue;
    const what = own === undefined ? "was not made" : `went to ${nameOf(own.to)} with the data ${short(own.input)}`;
    const instead =
      wanted === undefined ? "no such call was approved" : `approved was ${short(wanted.data)} to ${nameOf(wanted.to)}`;
    differences.push(`Call ${index + 1} of the timelock ${what}; ${instead}.`);
  }
  const lenders = accounts.filter((one) => one.kind === "safe" || one.kind === "timelock").map((one) => one.account);
  // A Safe is a proxy itself: it lends its storage to its own singleton all the time, with the call it was given.
  const isLent = (frame: ExecutedTrace["frames"][number], index: number) =>
    /^(DELEGATECALL|CALLCODE)$/.test(frame.type) &&
    lenders.includes(frame.from) &&
    trace.frames[index - 1]?.input !== frame.input;
  for (const [index, frame] of trace.frames.entries())
    if (isLent(frame, index))
      differences.push(`${nameOf(frame.from)} lent all its power to ${nameOf(frame.to)} by a DELEGATECALL.`);
  for (const account of trace.codeChanged) differences.push(`The code at ${nameOf(account)} was made or destroyed.`);
  return differences;
}

function isSameCall(
  a: { to: Address; input: Hex; value: bigint },
  b: { to: Address; data: Hex; value: bigint },
): boolean {
  return a.to === b.to && a.input === b.data && a.value === b.value;
}

/** Every event about power was approved; where the package names events of a contract, it names all; and all came. */
function otherEvents({ trace, nameOf }: Execution, { leg, batch, timelock, expected }: Approved): string[] {
  const id = operationId(batch);
  const closed = new Set(leg.expects.events.map((one) => one.address));
  const surprises = trace.events.filter((log) => {
    const event = privilegedEvent(log.topics);
    if (event?.startsWith("CallExecuted(") && log.address === timelock) return wordsOf(log)[0] !== id;
    return (event !== undefined || closed.has(log.address)) && !isImplied(log, expected);
  });
  const missing = expected.filter(
    ({ account, topic, args }) =>
      args.length === 0 &&
      leg.expects.events.some((one) => one.address === account && one.topic === topic) &&
      !trace.events.some((log) => log.address === account && log.topics[0] === topic),
  );
  return [
    ...surprises.map((log) => {
      const clause =
        privilegedEvent(log.topics) === undefined
          ? `told of ${log.topics[0] ?? "an unnamed event"}`
          : privilegedClause(log, nameOf);
      return `${nameOf(log.address)} ${clause}, which was not approved.`;
    }),
    ...missing.map(({ account, topic }) => `${nameOf(account)} did not tell of ${topic}, which the package expects.`),
  ];
}

function otherWrites(one: Execution, approved: Approved): string[] {
  const { trace, nameOf } = one;
  const stated = one.purpose === "upgrade" ? approved.leg.expects.storage : [];
  const surprises = trace.storage.filter((write) => !mayWrite(write, one, approved));
  const wrong = stated.filter((wanted) => {
    const written = trace.storage.find((write) => write.address === wanted.address && write.slot === wanted.slot);
    return written?.after !== wanted.value;
  });
  return [
    ...surprises.map(({ address, slot, before, after }) => {
      const name = knownSlot(slot, isSafe(one, address))?.name ?? `slot ${slot}`;
      return `${nameOf(address)}: ${name} was changed from ${before} to ${after}, which was not approved.`;
    }),
    ...wrong.map(
      ({ address, slot, value }) => `${nameOf(address)}: slot ${slot} is not ${value}, which the package expects.`,
    ),
  ];
}

function mayWrite(write: ExecutedTrace["storage"][number], one: Execution, approved: Approved): boolean {
  const { address, slot, before, after } = write;
  const { leg, timelock, code, beacons, runsMore } = approved;
  if (one.purpose === "upgrade" && leg.expects.storage.some((is) => is.address === address && is.slot === slot))
    return true; // its value is compared by itself
  // OpenZeppelin's mark of an operation that is done: its time becomes 1.
  if (address === timelock) return before !== zeroHash && BigInt(after) === 1n;
  const wanted = code.find((is) => is.proxy === address);
  if (wanted !== undefined && slot === slots.implementation) return addressOf(after) === wanted.implementation;
  if (beacons.includes(address)) return code.some((is) => BigInt(is.implementation) === BigInt(after));
  if (knownSlot(slot, isSafe(one, address))?.authority) return false;
  if (one.accounts.some((is) => is.account === address && is.kind !== "proxy")) return false;
  if (runsMore) return true;
  // Around the timelock's call there may be a wallet of the executor's, with a nonce of its own.
  const isWrapped = one.trace.frames[0]?.to !== timelock;
  return isWrapped && !one.accounts.some((is) => is.account === address);
}

function isSafe({ accounts }: Execution, account: Address): boolean {
  return accounts.some((one) => one.account === account && one.kind === "safe");
}

function otherCode({ runs, nameOf }: Execution, { code }: Approved): string[] {
  return code.flatMap(({ proxy, implementation, codeHash }) => {
    const now = runs.find((one) => one.proxy === proxy);
    if (now === undefined) return [`What ${nameOf(proxy)} runs could not be read.`];
    if (now.implementation !== implementation)
      return [`${nameOf(proxy)} runs ${nameOf(now.implementation)}, and approved was ${implementation}.`];
    return now.codeHash === codeHash
      ? []
      : [`${nameOf(proxy)} runs ${implementation} with the code hash ${now.codeHash}, and approved was ${codeHash}.`];
  });
}

const short = (data: Hex) => (data.length <= 10 ? data : `${data.slice(0, 10)}…`);
