/** After execution: advance, hold, resume, contain, roll back. A human hold outranks everything. */

import { runningBudget } from "./budget.ts";
import { notClean } from "./canary.ts";
import { breachesInWords, onChainOf, transactionById } from "./ceremony.ts";
import { accept, type Decision, refuse, type Setting, withoutRole } from "./decision.ts";
import { duration } from "./duration.ts";
import { type Actor, type CeremonyEvent, event, system } from "./events.ts";
import { openLosses } from "./exits/exit-log.ts";
import { legsForGas } from "./gas-execution.ts";
import { awaitedContainment, isSignedAsPlanned, isWordGiven } from "./held-back.ts";
import { broken } from "./integrity.ts";
import type { Intent } from "./intent.ts";
import { namesOf, type Policy, personById } from "./policy.ts";
import { deadRollback } from "./presigned.ts";
import { phaseAt } from "./release.ts";
import { eligible, separated } from "./separation.ts";
import type { CeremonyTx } from "./transactions.ts";
import { readingInWords } from "./watch/stage.ts";

type Of<K extends Intent["kind"]> = Extract<Intent, { kind: K }>;

/** Seconds after which the newest sample no longer speaks for the present. */
export const oldestSample = 120n;
/** People who must want to resume after a containment (trust rule 3). */
const RESUME_QUORUM = 2;

/** Promotion is explicit, and only after a clean window (MISSION 14, 16). */
export function advance(intent: Of<"advance">, { state, policy }: Setting): Decision {
  const { by, report, gate } = intent;
  const role = withoutRole(policy, by, ["approver"], `advance ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  if (state.closing)
    return refuse(
      "advance/closing",
      `${state.id} has passed its last canary; what is left is to cancel its rollbacks: /upgrade sign ${state.id}.`,
    );
  if (state.rollbackBy !== undefined)
    return refuse("advance/rollback", `${namesOf(policy, [state.rollbackBy.person])} is rolling ${state.id} back.`);
  const phase = phaseAt(state);
  if (report.phase !== phase.id)
    return refuse("advance/phase", `${state.id} is in the phase ${phase.id}, and the report is of ${report.phase}.`);
  const open = state.breaches.filter((one) => one.open);
  if (open.length > 0) return refuse("advance/breach", `${state.id} cannot advance: ${breachesInWords(open)}.`);
  const reasons = notClean(phase, report, oldestSample);
  if (reasons.length > 0) return refuse("advance/window", `${state.id} cannot advance yet: ${reasons.join("; ")}.`);
  const shut = gate.filter((one) => one.verdict !== "pass");
  if (shut.length > 0)
    return refuse("advance/gate", `${state.id} cannot advance: ${shut.map(readingInWords).join("; ")}.`);
  const isLast = state.currentPhase === state.package.phases.length - 1;
  // More is put at risk only with the ways out whole (MISSION 13). To end takes none.
  const lost = isLast ? [] : openLosses(state);
  if (lost.length > 0)
    return refuse(
      "advance/exits",
      `${state.id} cannot advance while a way out would not work: ${lost.map((one) => `${one.exit}: ${one.sentence.replace(/\.$/, "")}`).join("; ")}. Use /upgrade exits ${state.id}.`,
    );
  const data = { phase: state.currentPhase, samples: report.cleanBlocks, by };
  return accept(event(isLast ? "canaryPassed" : "advanced", data));
}

/** Anyone in the council may stop a ceremony. */
export function hold(intent: Of<"hold">, { state, policy }: Setting): Decision {
  const role = withoutRole(policy, intent.by, ["proposer", "approver", "executor", "guardian"], `hold ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  // A person's hold takes the place of the program's own, so that this person cannot be who lifts it.
  const { heldBy } = state;
  if (state.status === "held" && heldBy !== undefined && heldBy.person !== system.person)
    return refuse(
      "hold/again",
      `${namesOf(policy, [heldBy.person])} holds ${state.id} already: ${heldBy.reason.trim().replace(/\.$/, "")}.`,
    );
  return accept(event("held", { by: intent.by, reason: intent.reason }));
}

/**
 * One other person lifts a hold; two others resume after a containment, once it is lifted on the chain and all is clean; a
 * quorum extends a budget that is spent.
 */
export function resume(intent: Of<"resume">, setting: Setting): Decision {
  const { state, policy, rules } = setting;
  const { by, cause, stillContained, report } = intent;
  const role = withoutRole(policy, by, ["approver"], `resume ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  const separation = separated(state, "resume", by.person, policy, rules.separation);
  if (separation !== undefined) return { ok: false, refusal: separation };
  if (cause.trim() === "")
    return refuse("resume/cause", `Say what the cause was, and why ${state.id} may go on. Everyone reads it.`);
  const budget = runningBudget(state);
  const isSpent = budget?.left === 0;
  if (state.status === "held" && !isSpent) return accept(event("released", { by }));
  const open = state.breaches.filter((one) => one.open);
  if (open.length > 0) return refuse("resume/breach", `${state.id} cannot resume: ${breachesInWords(open)}.`);
  if (state.status === "contained" && stillContained)
    return refuse("resume/contained", `${state.id} cannot resume: the containment still holds on the chain.`);
  if (state.status === "contained" && state.resimulation?.passed !== true)
    return refuse(
      "resume/simulation",
      state.resimulation === undefined
        ? `${state.id} cannot resume: how it goes on was not simulated since it was contained. Use /upgrade check ${state.id}.`
        : `${state.id} cannot resume: the check since it was contained refused it. Mend what it names, and check again.`,
    );
  if (report === undefined || report.newestAge === undefined || report.newestAge > oldestSample)
    return refuse("resume/unmeasured", `${state.id} cannot resume: there are no fresh samples.`);
  if (!report.knowsFinal || report.cleanBlocks === 0)
    return refuse("resume/final", `${state.id} cannot resume: no final block has passed since the last that did not.`);
  const { minDuration = 0n } = state.package.phases.find((one) => one.id === report.phase) ?? {};
  if (state.status === "contained" && report.cleanFor < minDuration)
    return refuse(
      "resume/window",
      `${state.id} cannot resume yet: final blocks have passed for ${duration(report.cleanFor)}, and it takes ${duration(minDuration)} of them.`,
    );
  const quorum = resumeQuorum(state, policy);
  if (state.resumeVotes.some((one) => one.person === by.person))
    return refuse(
      "resume/alone",
      `You want to resume ${state.id} already; it takes ${quorum} people. Ask ${namesOf(
        policy,
        eligible(state, "resume", policy, rules.separation).filter((id) => id !== by.person),
      )}.`,
    );
  const given = state.resumeVotes.map((one) => one.person).filter((id) => !personById(policy, id)?.frozen);
  const people = [...new Set([...given, by.person])];
  const support = event("resumeSupported", { by, cause });
  if (people.length < quorum) return accept(support);
  if (state.status === "held") return accept(support, ...extended(people, cause, setting), event("released", { by }));
  // Lifting the containment is one thing, more budget another: a spent one holds it until a quorum extends it.
  const reason = `the budget of the phase ${phaseAt(state).id} is spent, and takes a quorum to extend`;
  return accept(
    support,
    event("resumed", { people, cause }),
    ...(isSpent ? [event("held", { by: system, reason })] : []),
  );
}

/** People it takes to go on: two after a containment, and the lane's quorum once the phase's budget is spent. */
export function resumeQuorum(state: Setting["state"], policy: Policy): number {
  return state.status === "held" ? Math.max(RESUME_QUORUM, policy.lanes[state.package.lane].quorum) : RESUME_QUORUM;
}

function extended(people: string[], cause: string, { state, now }: Setting): CeremonyEvent[] {
  const chain = state.phases.find((one) => one.phase === state.currentPhase)?.executedAt?.chain;
  const block = now.chains.find((one) => one.chain === chain);
  return block === undefined ? [] : [event("budgetExtended", { phase: state.currentPhase, people, cause, block })];
}

/** Any one guardian gives the word; the containment was signed before. */
export function contain(intent: Of<"contain">, { state, policy }: Setting): Decision {
  const { by, containment, reason, safe } = intent;
  const role = withoutRole(policy, by, ["guardian"], `contain ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  if (reason.trim() === "")
    return refuse(
      "contain/reason",
      `Say why ${state.id} is contained. Where an invariant fails, that is reason enough, and nothing need be said.`,
    );
  const tx = transactionById(state, `containment/${containment}`);
  if (tx === undefined)
    return refuse(
      "contain/unknown",
      `${state.id} has no prepared containment called ${containment}; it has ${state.package.containment.map((one) => one.id).join(", ")}.`,
    );
  if (onChainOf(state, tx.id) !== undefined)
    return refuse("contain/again", `The containment ${containment} has been used already.`);
  if (!isSignedAsPlanned(state, tx) && !isWordGiven(state, tx))
    return refuse("contain/unsigned", `The containment ${containment} of ${state.id} was never fully signed.`);
  if (safe.nonce !== tx.tx.nonce)
    return refuse(
      "contain/nonce",
      `The signed containment is dead: the guardian Safe is at nonce ${safe.nonce}, it was signed for ${tx.tx.nonce}. Use the offline kit to sign it anew.`,
    );
  const busy = onItsWay(state, tx, policy);
  if (busy !== undefined) return refuse("contain/again", busy);
  return accept(event("containmentRequested", { containment, by, reason }));
}

/** Why no other word is heard now: one is on its way. Another may take the place of what waits for its last signature. */
function onItsWay(state: Setting["state"], tx: CeremonyTx, policy: Policy): string | undefined {
  const { containment } = state;
  const waiting = awaitedContainment(state);
  if (containment === undefined || containment.confirmed || (waiting !== undefined && waiting.id !== tx.id))
    return undefined;
  const next =
    waiting === undefined ? "it is on its way" : `it waits for its last signature: /upgrade sign ${state.id}`;
  return `${namesOf(policy, [containment.by])} has given the word for ${containment.id} already; ${next}.`;
}

/** The executed reversing upgrade, newest leg first. */
export function rollback(intent: Of<"rollback">, setting: Setting): Decision {
  const { state, policy, now, rules } = setting;
  const { by, reason, legs, safes, sender, gate } = intent;
  const role = withoutRole(policy, by, ["executor"], `roll ${state.id} back`);
  if (role !== undefined) return { ok: false, refusal: role };
  const separation = separated(state, "execute", by.person, policy, rules.separation);
  if (separation !== undefined) return { ok: false, refusal: separation };
  const due = legsToRollBack(state);
  if (due.length === 0)
    return refuse("rollback/nothing", `${state.id} has executed nothing that could be rolled back.`);
  if (state.rollbackBy?.person === by.person && sender !== "gas-key")
    return refuse("rollback/again", `You are rolling ${state.id} back already: send the transaction from your wallet.`);
  const evidence = { state, policy, now, safes: [], legs, due, purpose: "rollback" } as const;
  const fault = broken("rollback", evidence, rules.integrity);
  if (fault !== undefined) return { ok: false, refusal: fault };
  const dead = deadRollback(state, due, safes);
  if (dead !== undefined)
    return refuse(
      "rollback/dead",
      `${state.id} cannot be rolled back by what was signed: ${dead}. Contain it, and propose the old code as an upgrade of its own.`,
    );
  const shut = gate.filter((one) => one.verdict !== "pass");
  if (shut.length > 0)
    return refuse(
      "rollback/gate",
      `${state.id} is not rolled back, because policy has something hold before: ${shut.map(readingInWords).join("; ")}. Contain it meanwhile: /upgrade contain ${state.id}.`,
    );
  return sender === "gas-key"
    ? rollBackByGas(by, due, setting)
    : accept(event("rollbackStarted", { legs: due, by, reason }));
}

/** Once a rollback that was asked for has waited its delay, who asked may have the gas key send it. */
function rollBackByGas(by: Actor, due: readonly string[], { state, policy }: Setting): Decision {
  const { rollbackBy } = state;
  if (rollbackBy?.person !== by.person)
    return refuse("rollback/first", `Ask for the rollback first: /upgrade rollback ${state.id}.`);
  const forGas = legsForGas(state, policy, due);
  if (forGas.length === 0)
    return refuse("rollback/gas-key", `Policy leaves ${due.join(", ")} to a person's wallet: send it from yours.`);
  if (!rollbackBy.readied)
    return refuse(
      "rollback/waiting",
      `The rollback of ${due.join(", ")} is still waiting its delay in the timelock: the thread says when it may run.`,
    );
  return [...state.sent, ...state.gasRequests].some((one) => one.purpose === "rollback")
    ? refuse("rollback/requested", `The rollback of ${state.id} is being sent already: wait for it in the thread.`)
    : accept(event("executionRequested", { purpose: "rollback", legs: forGas, by }));
}

/** Executed legs whose rollback has not run, newest first. */
export function legsToRollBack(state: Setting["state"]): string[] {
  const done = state.executedLegs.filter((one) => one.purpose === "rollback").map((one) => one.leg);
  return state.executedLegs
    .filter((one) => one.purpose === "upgrade" && !done.includes(one.leg))
    .map((one) => one.leg)
    .reverse();
}
