/** What the answers mean: whether an exit would work if it were sent now, who suffices, and why not. */

import { momentInWords } from "../alerts/moment.ts";
import { type BlockRef, type CeremonyState, onChainOf, signaturesOf } from "../ceremony.ts";
import type { SafeNow } from "../intent.ts";
import { approvedOwners } from "../nested-safes.ts";
import { namesOf } from "../policy.ts";
import { type Hex, zeroAddress } from "../primitives.ts";
import { timelockOf } from "../transactions.ts";
import { containmentOf, type Exit, isUnsent, rollbackLeg } from "./exit.ts";
import { codeFound, isExecutor, isNoCode, safeFound, timestampFound } from "./facts.ts";
import type { Sufficiency } from "./people.ts";
import { type ExitPlan, execKey, innerKey, type Known, readKey, runKey, safeFor } from "./plan.ts";
import { hidesInner, type Reason, revertedBecause } from "./reasons.ts";
import { safeReasons } from "./safe-reasons.ts";
import { sufficient } from "./sufficient.ts";
import type { Answers } from "./trial.ts";

/** ready: it would work if it were sent now. armed: as soon as its turn comes. unproved: the chain gave no answer. */
export type ExitVerdict = "ready" | "armed" | "preparing" | "broken" | "unproved" | "over";

export interface ExitReading {
  exit: Exit;
  verdict: ExitVerdict;
  reasons: Reason[];
  /** What is not proved, or worth knowing although it would work; one sentence each. */
  notes: string[];
  people: Sufficiency;
  block: BlockRef;
}

export interface Judged extends Known {
  answers: Answers;
  block: BlockRef;
  /** The transaction that used a nonce of a Safe, where it is known. */
  tookNonce(safe: SafeNow, nonce: bigint): Hex | undefined;
}

export function judgeExit(state: CeremonyState, plan: ExitPlan, at: Judged): ExitReading {
  const { exit } = plan;
  if (exit.stage === "over") return reading(plan, at, "over", [], []);
  const people = sufficient(state, plan, at);
  const found = exit.kind === "containment" ? containment(state, plan, at) : rollback(state, plan, at);
  const reasons = [...found.reasons];
  if (people.sets.length === 0 && reasons.length === 0 && found.isProved) reasons.push(nobody(state, plan, at));
  const verdict = verdictOf(exit, reasons, found);
  return reading(plan, at, verdict, reasons, found.notes, people);
}

function reading(
  { exit }: ExitPlan,
  { block }: Judged,
  verdict: ExitVerdict,
  reasons: Reason[],
  notes: string[],
  people: Sufficiency = { sets: [], spare: -1 },
): ExitReading {
  return { exit, verdict, reasons, notes, people, block };
}

interface Found {
  reasons: Reason[];
  notes: string[];
  /** False where what was tried used up its gas, or was not answered. */
  isProved: boolean;
  /** Nothing is left to do: what it would bring about is so. */
  isDone?: boolean;
  /** Nothing is wrong, and it cannot run yet. */
  waits?: boolean;
}

function verdictOf({ stage }: Exit, reasons: readonly Reason[], { isProved, isDone, waits }: Found): ExitVerdict {
  if (isDone) return "over";
  if (stage === "preparing") return "preparing";
  if (reasons.length > 0) return "broken";
  if (!isProved) return "unproved";
  return stage === "armed" || waits ? "armed" : "ready";
}

function containment(state: CeremonyState, plan: ExitPlan, at: Judged): Found {
  const { exit, txs } = plan;
  const [tx] = txs;
  const { readBack, action } = containmentOf(state, exit);
  if (tx === undefined) return { reasons: [], notes: [], isProved: false };
  const isSo = at.answers.get(readKey(exit))?.answers[0] === readBack.returns;
  const tried = at.answers.get(execKey(exit));
  if (isSo && tried?.failed !== undefined)
    return { reasons: [], notes: [`It is in effect already: ${action}.`], isProved: true, isDone: true };
  const reasons = safeReasons(state, plan, at);
  if (isNoCode(codeFound(at.answers, tx.tx.to)))
    reasons.push({ code: "code", sentence: `There is no code at ${tx.tx.to} any more: the call would do nothing.` });
  const notes = notesOf(state, plan, at);
  if (reasons.length > 0 || tried === undefined) return { reasons, notes, isProved: tried !== undefined };
  if (tried.failed !== undefined) return { reasons: [failure(plan, tried.failed, at)], notes, isProved: true };
  if (tried.answers[1] !== readBack.returns)
    reasons.push({
      code: "effect",
      sentence: `It would run, and would not take effect: ${readBack.to} would not answer as it has to afterwards.`,
    });
  return { reasons, notes, isProved: true };
}

/** Why a Safe transaction failed although Safe and signatures are in order: the call itself, or the guard. */
function failure({ exit, txs }: ExitPlan, failed: Hex, { answers, ...at }: Judged): Reason {
  const what = exit.kind === "containment" ? "The containment" : "The rollback";
  const inside = answers.get(innerKey(exit))?.failed;
  if (inside !== undefined) return revertedBecause(inside, what);
  const [tx] = txs;
  const safe = tx && at.safe(tx);
  const guard = safe && safeFound(answers, safe)?.guard;
  if (guard !== undefined && guard !== zeroAddress && !hidesInner(failed))
    return { code: "guard", sentence: `The Safe has the guard ${guard}, which does not let it pass.` };
  return revertedBecause(failed, what);
}

function rollback(state: CeremonyState, plan: ExitPlan, at: Judged): Found {
  const { exit, executors } = plan;
  const { timelock } = timelockOf(rollbackLeg(state, exit));
  const operation = operationReasons(state, plan, at);
  const reasons = [...operation.reasons, ...codeReasons(state, exit, at), ...safeReasons(state, plan, at)];
  const notes = notesOf(state, plan, at);
  if (operation.isDone) return { reasons: [], notes, isProved: true, isDone: true };
  const isOpen = isExecutor(at.answers, timelock, zeroAddress);
  const holders = executors.filter((one) => isOpen || isExecutor(at.answers, timelock, one.wallet));
  const sent = at.answers.get(execKey(exit));
  if (reasons.length === 0 && sent?.failed !== undefined) reasons.push(failure(plan, sent.failed, at));
  const runs = holders.map((one) => at.answers.get(runKey(exit, one.wallet)));
  const works = runs.some((one) => one !== undefined && one.failed === undefined);
  const failed = runs.find((one) => one?.failed !== undefined)?.failed;
  const isPretended = exit.stage !== "live" || isUnsent(state, exit);
  if (reasons.length === 0 && !works && failed !== undefined && !operation.waits) {
    const why = revertedBecause(failed, "The rollback");
    // What is pretended of a timelock that keeps its operations elsewhere proves nothing, and breaks nothing.
    if (isPretended && (why.code === "pending" || why.code === "predecessor"))
      notes.push("How it would run cannot be proved before its time: this timelock keeps its operations otherwise.");
    else reasons.push(why);
  } else if (isPretended && reasons.length === 0 && works)
    notes.push(
      exit.stage === "live"
        ? "Asked for now, it waits the timelock's delay first; how it runs then was tried out as if it were over."
        : "Tried out as if its upgrade had run, on the code of today; what the upgrade leaves behind was rehearsed by the check.",
    );
  const isProved = works || failed !== undefined || holders.length === 0;
  return { reasons, notes, isProved, waits: operation.waits };
}

/** Where its operation stands in the timelock, and its time. */
function operationReasons(state: CeremonyState, { exit, operation }: ExitPlan, { answers, block }: Judged) {
  if (operation === undefined) throw new RangeError(`The way out ${exit.id} was planned without its operation.`);
  const leg = rollbackLeg(state, exit);
  const { timelock, delay } = timelockOf(leg);
  const at = timestampFound(answers, timelock, operation.id);
  const before = timestampFound(answers, timelock, operation.predecessor);
  const reasons: Reason[] = [];
  const add = (code: Reason["code"], sentence: string) => reasons.push({ code, sentence });
  const known = onChainOf(state, exit.id);
  const unsent = isUnsent(state, exit);
  const readyAt = at !== undefined && at > 1n ? at : undefined;
  if (known?.state === "cancelled" || (known?.state === "mined" && at === 0n))
    add("cancelled", "Its operation was cancelled: it does not stand in the timelock any more.");
  if (known?.state === "used")
    add("nonce", "The nonce that it was signed for was used by another transaction, so it can never be scheduled.");
  if (exit.stage === "live" && before !== undefined && before !== 1n)
    add("predecessor", "The timelock says that its upgrade has not run, and lets no rollback run before it.");
  const earliest = unsent ? block.timestamp + delay : block.timestamp;
  if (earliest > leg.rollback.notAfter)
    add(
      "window",
      unsent
        ? `Asked for now, it would have waited its delay only after its own end, ${utc(leg.rollback.notAfter)}.`
        : `Its end has passed: it was to run until ${utc(leg.rollback.notAfter)}.`,
    );
  const early = exit.stage === "live" && readyAt !== undefined && readyAt > block.timestamp;
  // A late rollback waits its delay only once somebody asked for it: that is as it should be.
  const isAsked = state.rollbackBy?.legs.includes(exit.subject) ?? false;
  if (early && !isAsked) add("early", `The timelock lets it run only from ${utc(readyAt)} on.`);
  return { reasons, waits: early && isAsked, isDone: at === 1n };
}

function codeReasons(state: CeremonyState, exit: Exit, { answers }: Judged): Reason[] {
  const { restores, calls } = rollbackLeg(state, exit).rollback;
  const gone = calls.filter((one) => isNoCode(codeFound(answers, one.to)));
  const other = restores.filter((one) => {
    const found = codeFound(answers, one.implementation);
    return found !== undefined && found !== one.codeHash;
  });
  return [
    ...gone.map(({ to }) => ({ code: "code" as const, sentence: `There is no code at ${to} any more.` })),
    ...other.map(({ implementation }) => ({
      code: "code" as const,
      sentence: `The code at ${implementation}, which it goes back to, is not what it was.`,
    })),
  ];
}

/** What nobody breaks by, and somebody should know. */
function notesOf(state: CeremonyState, { txs, isSigned, exit }: ExitPlan, at: Judged): string[] {
  const [tx] = txs;
  if (tx === undefined) return [];
  const known = at.policy.chains.find((one) => one.id === tx.tx.chain)?.modules ?? [];
  const found = safeFound(at.answers, safeFor(state, tx, at));
  const strange = (found?.modules ?? []).filter((one) => !known.includes(one));
  const short =
    found !== undefined && approvedOwners(found.safe, signaturesOf(state, tx.id)).length < found.safe.threshold;
  return [
    ...strange.map(
      (one) => `The Safe has the module ${one}, which policy does not know and which needs no signatures.`,
    ),
    ...(isSigned || short || exit.stage === "preparing"
      ? []
      : ["Its signatures cannot be read here: that they suffice follows from who gave them."]),
  ];
}

/** Nothing on the chain is wrong, and there is nobody for it. */
function nobody(state: CeremonyState, { exit, executors }: ExitPlan, { policy }: Judged): Reason {
  if (exit.kind === "containment")
    return { code: "people", sentence: "Nobody who may give the word is left: it takes a guardian who is not frozen." };
  const people = [...new Set(executors.flatMap((one) => one.people))];
  if (people.length === 0)
    return {
      code: "people",
      sentence: `Nobody may run it: every executor wrote, approved or overrode ${state.id}, or is frozen.`,
    };
  return {
    code: "role",
    sentence: `No wallet of ${namesOf(policy, people)}, who may run it, holds the timelock's EXECUTOR_ROLE.`,
  };
}

const utc = (seconds: bigint) => momentInWords(seconds, "UTC");
