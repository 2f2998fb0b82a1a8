/** What follows from an execution's brief: for each leg the one call that the executor's wallet sends, and what it is made of. */

import { type ExplainedCall, explainCall } from "../../domain/call-sentences.ts";
import { calldataDigest } from "../../domain/calldata-digest.ts";
import type { Address, ChainId, Hex } from "../../domain/primitives.ts";
import { type Leg, legById, type Phase, phaseOfLeg, releasePackage } from "../../domain/release-package.ts";
import { executeBatchData, operationId } from "../../domain/timelock.ts";
import { rollbackBatch, timelockOf, upgradeBatch } from "../../domain/transactions.ts";
import { type ExecutionBrief, executionBrief } from "../brief.ts";
import { wordsOf } from "./plain-words.ts";
import { derive, type Release, releaseProblems, where } from "./release.ts";

/** One leg's batch, as one transaction of the executor's wallet. */
export interface LegCall {
  /** The leg's. */
  id: string;
  leg: Leg;
  phase: Phase;
  operationId: Hex;
  /** The operation that must be Done before; the zero hash where there is none. */
  predecessor: Hex;
  call: { chain: ChainId; to: Address; value: bigint; data: Hex };
  calldataDigest: Hex;
  does: ExplainedCall;
  /** Block times between which it can run; a rollback opens with its upgrade. */
  window: { opens: bigint; ends: bigint };
}

export interface ExecutionPlan {
  brief: ExecutionBrief;
  release: Release;
  calls: LegCall[];
}

export interface ExecutionReading {
  plan: ExecutionPlan | undefined;
  problems: string[];
}

/** Reads a brief as JSON has it, and believes nothing of it. */
export function readExecution(json: unknown): ExecutionReading {
  const shape = executionBrief.safeParse(json);
  if (!shape.success) return unreadable(`What there is to send came malformed: ${where(shape.error)}.`);
  const brief = shape.data;
  const pkg = releasePackage.safeParse(brief.package);
  if (!pkg.success) return unreadable(`The release package is malformed: ${where(pkg.error)}.`);
  try {
    const release = derive(brief, pkg.data, []);
    const calls = brief.legs.map((id) => legCall(release, id, brief.purpose));
    return { plan: { brief, release, calls }, problems: [...releaseProblems(release), ...legProblems(brief, calls)] };
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : "its parts do not fit together.";
    return unreadable(`No batch follows from what was sent: ${reason}`);
  }
}

function unreadable(problem: string): ExecutionReading {
  return { plan: undefined, problems: [problem] };
}

function legCall({ pkg, packageHash, brief }: Release, id: string, purpose: ExecutionBrief["purpose"]): LegCall {
  const leg = legById(pkg, id);
  const phase = pkg.phases[phaseOfLeg(pkg, id)];
  if (phase === undefined) throw new RangeError(`${id} belongs to no phase.`);
  const back = purpose === "rollback";
  const batch = (back ? rollbackBatch : upgradeBatch)(pkg, leg, { packageHash, auditHead: brief.auditHead });
  const data = executeBatchData(batch);
  const value = batch.calls.reduce((sum, one) => sum + one.value, 0n);
  const call = { chain: leg.chain, to: timelockOf(leg).timelock, value, data };
  const { notBefore, notAfter } = phase.window;
  return {
    ...{ id, leg, phase, call, predecessor: batch.predecessor },
    operationId: operationId(batch),
    calldataDigest: calldataDigest(data),
    does: explainCall(call, wordsOf(pkg)),
    window: back
      ? { opens: 0n, ends: leg.rollback.notAfter }
      : { opens: leg.notBefore !== undefined && leg.notBefore > notBefore ? leg.notBefore : notBefore, ends: notAfter },
  };
}

function legProblems({ legs, purpose }: ExecutionBrief, calls: readonly LegCall[]): string[] {
  const problems: string[] = [];
  if (legs.length === 0) problems.push("The link asks for no transaction at all.");
  if (new Set(legs).size < legs.length) problems.push("The link asks for one transaction twice.");
  if (purpose === "upgrade" && new Set(calls.map((one) => one.phase.id)).size > 1)
    problems.push("The link asks for legs of several phases: each phase waits for the canary of the one before.");
  return problems;
}
