/**
 * Whether a stranger with as much money as they like can bring an automatic containment about: an alarm must not become
 * somebody's weapon. Tried on the upgraded state, for every metric whose containment policy sends without a person's word.
 */

import { getAddress, keccak256, size, slice, stringToBytes } from "viem";
import { metricOfEvidence } from "../../domain/automatic.ts";
import { dispatchSelectors } from "../../domain/dispatch-selectors.ts";
import type { Finding } from "../../domain/events.ts";
import { baselineOf, judge, type Metric, needsBaseline } from "../../domain/metrics.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Address, Hex } from "../../domain/primitives.ts";
import { proxyChanges, type ReleasePackage } from "../../domain/release-package.ts";
import { readingsOf } from "../../domain/watch/sources.ts";
import { callOf, combined, readingValue } from "../../domain/watch/values.ts";
import type { Fork, PlainCall } from "../../fork.ts";
import { findings } from "../gate.ts";
import { approvalOf, etherMoves, forcerCode, type Move, movesOf, plenty, tokenSelectors } from "./griefing-moves.ts";
import { stranger } from "./strangers.ts";

const { flag, info } = findings("simulation");

/** Moves after which everything is tried once more: what only a deposit opens, a withdrawal shows. */
const mostOpenings = 6;
/** In one eth_call. */
const rowsAtOnce = 32;

/** Metrics of the package that would contain by themselves on this chain. */
export function automaticMetrics(pkg: ReleasePackage, policy: Policy, chain: Fork["chain"]): Metric[] {
  const named = new Set(pkg.phases.flatMap((phase) => [...phase.metrics, ...phase.stopOn]));
  return policy.metrics.filter((one) => one.automatic && one.chain === chain && named.has(one.id));
}

/** A finding for each of them: that it was moved, that nothing moved it, or that it could not be tried. */
export async function judgeGriefing(fork: Fork, pkg: ReleasePackage, policy: Policy): Promise<Finding[]> {
  const metrics = automaticMetrics(pkg, policy, fork.chain);
  if (metrics.length === 0) return [];
  const [tried, untried] = [metrics.filter(isReadByCalls), metrics.filter((one) => !isReadByCalls(one))];
  const refused = untried.map((one) => notTried(one, "its value does not come out of calls alone"));
  if (tried.length === 0) return refused;
  return [...refused, ...(await fork.aside(() => play(fork, pkg, tried)))];
}

const isReadByCalls = ({ read }: Metric) => {
  const readings = readingsOf(read);
  return readings.length > 0 && readings.every((one) => callOf(one) !== undefined);
};

interface Watching {
  metric: Metric;
  calls: PlainCall[];
  /** What it was when nobody had done anything. */
  known: bigint | undefined;
}

async function play(fork: Fork, pkg: ReleasePackage, metrics: readonly Metric[]): Promise<Finding[]> {
  const watching = metrics.map((metric): Watching => {
    const calls = readingsOf(metric.read).flatMap((one) => callOf(one) ?? []);
    return { metric, calls, known: undefined };
  });
  const scene = await sceneOf(fork, pkg, watching);
  if (scene.unfunded.length > 0)
    return metrics.map((one) => notTried(one, `nobody could be given any of the token ${scene.unfunded.join(", ")}`));
  const { timestamp } = await fork.head();
  const still = valuesIn(watching, await fork.read(watching.flatMap((one) => one.calls)), timestamp);
  const known = watching.map((one, index): Watching => {
    const value = still[index] ?? undefined;
    return { ...one, known: needsBaseline(one.metric) ? value : baselineOf(one.metric, undefined) };
  });
  const moved = new Map<string, string>();
  const unread = known.filter((_one, index) => still[index] === null);
  await tryMoves(fork, known, scene.moves, [], moved);
  for (const opening of await openingsOf(fork, scene.calls)) {
    if (moved.size === known.length) break;
    await fork.aside(async () => {
      const step = await fork.send({ name: "griefing", from: stranger, ...opening, after: 0n });
      if (step.success) await tryMoves(fork, known, scene.moves, [opening], moved);
    });
  }
  return known.map((one) => {
    const { metric } = one;
    const how = moved.get(metric.id);
    if (how !== undefined) return griefable(metric, how);
    return unread.includes(one)
      ? notTried(metric, "it could not be read after the upgrade")
      : unmoved(metric, scene.moves.length);
  });
}

interface Scene {
  /** Those that change something, of each contract and function a few. */
  moves: Move[];
  /** All that can be made up, ether apart. */
  calls: Move[];
  unfunded: Address[];
}

async function sceneOf(fork: Fork, pkg: ReleasePackage, watching: readonly Watching[]): Promise<Scene> {
  const reads = watching.flatMap((one) => one.calls);
  const traces = await fork.trace(reads.map((one) => ({ from: stranger, ...one })));
  const proxies = pkg.legs
    .filter((leg) => leg.chain === fork.chain)
    .flatMap(proxyChanges)
    .map((one) => one.proxy);
  const called = traces.flatMap((trace) =>
    trace.frames.filter((frame) => frame.type !== "DELEGATECALL").map((frame) => frame.to),
  );
  const accounts = [...new Set([...called, ...proxies])];
  const running = await fork.running(accounts);
  const codes = await fork.code([...accounts, ...running.map((one) => one.implementation)]);
  const contracts = accounts.map((address, index) => ({
    address,
    selectors: [
      ...new Set([codes[index], codes[accounts.length + index]].flatMap((code) => dispatchSelectors(code ?? "0x"))),
    ],
  }));
  const tokens = contracts
    .filter(({ selectors }) => tokenSelectors.every((one) => selectors.includes(one)))
    .map((one) => one.address);
  const unfunded = await fork.fund(stranger, plenty, tokens);
  await fork.place(forcer, forcerCode);
  for (const asset of tokens)
    for (const { address } of contracts)
      if (asset !== address)
        await fork.send({ name: "approval", from: stranger, ...approvalOf(asset, address), after: 0n });
  const held = await fork.read(
    tokens.flatMap((asset) => accounts.map((owner) => ({ to: asset, data: balanceOf(owner) }))),
  );
  const sizes = held.flatMap((one) => (one !== null && size(one) === 32 ? [BigInt(one)] : []));
  const calls = movesOf(
    contracts,
    tokens,
    stranger,
    [...new Set(sizes)].filter((one) => one > 0n && one < plenty).slice(0, 4),
  );
  return { calls, moves: [...calls, ...etherMoves(accounts, forcer)], unfunded };
}

/** Nobody's: a contract that ends itself in favour of whom it is told. */
const forcer: Address = getAddress(`0x${keccak256(stringToBytes("quorate: ends itself")).slice(26)}`);
const balanceOf = (owner: Address): Hex => `0x70a08231${owner.slice(2).toLowerCase().padStart(64, "0")}`;

/** Of every function that changes something the largest and the smallest amount that it takes. */
async function openingsOf(fork: Fork, calls: readonly Move[]): Promise<Move[]> {
  const verdicts = await fork.attempts(stranger, calls);
  const opened = new Map<string, Move[]>();
  for (const [index, move] of calls.entries()) {
    if (verdicts[index] !== "changes state") continue;
    const key = `${move.to} ${move.data.slice(0, 10)}`;
    opened.set(key, [...(opened.get(key) ?? []), move]);
  }
  const ends = [...opened.values()].flatMap((list) => [list.at(-1), list[0]]).filter((one) => one !== undefined);
  return [...new Set(ends)].slice(0, mostOpenings);
}

async function tryMoves(
  fork: Fork,
  watching: readonly Watching[],
  moves: readonly Move[],
  before: readonly Move[],
  moved: Map<string, string>,
): Promise<void> {
  const open = watching.filter((one) => !moved.has(one.metric.id));
  const reads = open.flatMap((one) => one.calls);
  const verdicts = await fork.attempts(stranger, moves);
  const worth = moves.filter((move, index) => move.value > 0n || verdicts[index] === "changes state");
  const { timestamp } = await fork.head();
  for (let start = 0; start < worth.length; start += rowsAtOnce) {
    const part = worth.slice(start, start + rowsAtOnce);
    const outcomes = await fork.tryOut(
      part.map((move) => [{ from: stranger, ...move }, ...reads.map((one) => ({ from: stranger, ...one }))]),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const move = part[index];
      // The first answer is the move's own: without it nothing happened.
      if (move === undefined || outcome === undefined || outcome.answers.length === 0) continue;
      const answers = reads.map((_one, nth) => outcome.answers[nth + 1] ?? null);
      const values = valuesIn(open, answers, timestamp);
      for (const [nth, { metric, known }] of open.entries()) {
        const value = values[nth] ?? null;
        if (judge(metric, value, known) === "fail" && !moved.has(metric.id))
          moved.set(metric.id, `${[...before, move].map(inWords).join(", then ")}, which makes it ${value}`);
      }
    }
  }
}

/** The metrics' values, in order; null where something could not be read. */
function valuesIn(watching: readonly Watching[], answers: readonly (Hex | null)[], time: bigint): (bigint | null)[] {
  let next = 0;
  return watching.map(({ metric, calls }) => {
    const own = answers.slice(next, next + calls.length);
    next += calls.length;
    const values = readingsOf(metric.read).map((reading, index) => readingValue(reading, own[index] ?? null));
    return combined(metric.read, values, time);
  });
}

function inWords({ to, data, value }: Move): string {
  const sent = value === 0n ? "" : ` with ${value} wei`;
  return size(data) < 4 ? `sending ${value} wei to ${to}` : `calling ${slice(data, 0, 4)} on ${to}${sent}`;
}

const griefable = (metric: Metric, how: string) =>
  flag(
    "griefable",
    `A stranger with enough money could bring about the breach of ${metric.id} in one transaction, and with it its containment: by ${how}. A person has to give the word for it.`,
    {
      evidence: metricOfEvidence(metric.id),
      fix: "Measure something that nobody can move within a block, or take automatic off the invariant.",
    },
  );

const notTried = (metric: Metric, why: string) =>
  flag(
    "untried",
    `Whether a stranger could bring about the breach of ${metric.id} was not tried: ${why}. A person has to give the word for its containment.`,
    {
      evidence: metricOfEvidence(metric.id),
      fix: "Read it by calls of contracts, or take automatic off the invariant.",
    },
  );

const unmoved = (metric: Metric, moves: number) =>
  info(
    "unmoved",
    `Of ${moves} things that a stranger with enough money was made to try, alone and after one another, none brought about the breach of ${metric.id}: its containment may follow by itself.`,
    { evidence: metricOfEvidence(metric.id) },
  );
