/** From approval to execution: send to the timelock, let the executor run the phase, take the executor's transaction. */

import { breachesInWords, type CeremonyState, releaseSet } from "./ceremony.ts";
import { accept, type Decision, refuse, type Setting, withoutRole } from "./decision.ts";
import { type Actor, event } from "./events.ts";
import { legsForGas } from "./gas-execution.ts";
import { isSignedAsPlanned } from "./held-back.ts";
import { broken, type Evidence } from "./integrity.ts";
import { chainTime, type Intent } from "./intent.ts";
import { namesOf, type Policy } from "./policy.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { type Leg, legById, type Phase } from "./release-package.ts";
import { separated } from "./separation.ts";
import { missingInWords } from "./signing.ts";
import { countedApprovals, lostQuorum } from "./voting.ts";

type Of<K extends Intent["kind"]> = Extract<Intent, { kind: K }>;

/** Orders the gas key to send the signed schedules, in nonce order. */
export function schedule(intent: Of<"schedule">, setting: Setting): Decision {
  const { state, policy, now, rules } = setting;
  const { by, safes, legs } = intent;
  const role = withoutRole(policy, by, ["proposer", "approver", "executor"], `schedule ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  if (state.scheduleRequestedBy !== undefined) return refuse("schedule/again", `${state.id} is being sent already.`);
  const { review } = state;
  if (review === undefined) return refuse("review/none", `${state.id} is not up for review.`);
  if (now.wall > review.expiresAt)
    return refuse(
      "schedule/expired",
      `The review of ${state.id} has expired; what it approved cannot be sent any more.`,
    );
  // First of all: "not signed yet" would ask people for signatures over something that was tampered with.
  const evidence: Evidence = {
    state,
    policy,
    now,
    safes,
    legs,
    due: state.package.legs.map((leg) => leg.id),
    purpose: "upgrade",
  };
  const fault = broken("schedule", evidence, rules.integrity);
  if (fault !== undefined) return { ok: false, refusal: fault };
  const counted = countedApprovals(state, policy, rules);
  if (!state.quorumMet || counted.length < review.quorum || state.denials.length > 0)
    return refuse(
      "schedule/quorum",
      `${state.id} cannot be scheduled: it has ${counted.length} of ${review.quorum} approvals, and ${
        state.denials.length === 0 ? "no denial" : `${state.denials.length} denied it`
      }.`,
    );
  if (!releaseSet(state).every((tx) => isSignedAsPlanned(state, tx)))
    return refuse(
      "schedule/signatures",
      `${state.id} is not signed yet: ${missingInWords(state, policy)[0] ?? "a transaction of it was used already"}.`,
    );
  return accept(event("scheduleRequested", { by }));
}

export function phaseAt(state: CeremonyState): Phase {
  const phase = state.package.phases[state.currentPhase];
  if (phase === undefined) throw new RangeError(`${state.id} has no phase ${state.currentPhase}.`);
  return phase;
}

/** What was executed before must be whole and clean, before more is. An open breach from before the upgrade stops nothing. */
function stopsNextPhase(state: CeremonyState, policy: Policy): Refusal | undefined {
  const { rollbackBy, breaches, executedLegs } = state;
  if (rollbackBy !== undefined)
    return refusal("execute/rollback", `${namesOf(policy, [rollbackBy.person])} is rolling ${state.id} back.`);
  const open = breaches.filter((one) => one.open);
  return open.length === 0 || executedLegs.length === 0
    ? undefined
    : refusal("execute/breach", `${state.id} cannot be executed further: ${breachesInWords(open)}.`);
}

/** Block time from which a leg may run: it may ask for a later start than its phase. */
export function opening(leg: Leg, phase: Phase): bigint {
  return leg.notBefore !== undefined && leg.notBefore > phase.window.notBefore ? leg.notBefore : phase.window.notBefore;
}

/** The current phase's legs that are still to be upgraded: after a partial failure not all of them. */
export function legsToExecute(state: CeremonyState): string[] {
  const isDone = (id: string) => state.executedLegs.some((one) => one.leg === id && one.purpose === "upgrade");
  return phaseAt(state).legs.filter((id) => !isDone(id));
}

/** Names the executor of the current phase; their wallet, or the gas key for them, then sends exactly the approved batch. */
export function execute(intent: Of<"execute">, setting: Setting): Decision {
  const { state, policy, now, rules } = setting;
  const { by, legs, sender } = intent;
  const role = withoutRole(policy, by, ["executor"], `execute ${state.id}`);
  if (role !== undefined) return { ok: false, refusal: role };
  const separation = separated(state, "execute", by.person, policy, rules.separation);
  if (separation !== undefined) return { ok: false, refusal: separation };
  const stopped = stopsNextPhase(state, policy);
  if (stopped !== undefined) return { ok: false, refusal: stopped };
  const running = state.phases.find((one) => one.phase === state.currentPhase);
  const isTheirs = state.status === "executing" && running?.executor === by.person;
  if (isTheirs && sender !== "gas-key")
    return refuse("execute/again", `You are executing ${state.id} already: send the transaction from your wallet.`);
  if (state.status === "executing" && state.sent.length > 0)
    return refuse("execute/sent", `${namesOf(policy, [running?.executor ?? ""])} has sent the transaction already.`);
  if (isTheirs && state.gasRequests.length > 0)
    return refuse("execute/requested", `Quorate is about to send ${state.id} for you: wait for it in the thread.`);
  const phase = phaseAt(state);
  const early = phase.legs
    .map((id) => legById(state.package, id))
    .map((leg) => ({ leg, opens: opening(leg, phase) }))
    .find(({ leg, opens }) => chainTime(now, leg.chain) < opens);
  if (early !== undefined)
    return refuse(
      "integrity/window",
      `The window of the phase ${phase.id} has not opened yet; it opens at block time ${early.opens}.`,
    );
  const due = legsToExecute(state);
  const facts = legs.filter((one) => due.includes(one.leg));
  const evidence = { state, policy, now, safes: [], legs: facts, due, purpose: "upgrade" } as const;
  const fault = broken("execute", evidence, rules.integrity) ?? lostQuorum(setting);
  if (fault !== undefined) return { ok: false, refusal: fault };
  const started = isTheirs ? [] : [event("executionStarted", { phase: state.currentPhase, by })];
  if (sender !== "gas-key") return accept(...started);
  const forGas = legsForGas(state, policy, due);
  return forGas.length === 0
    ? refuse("execute/gas-key", `Policy leaves ${due.join(", ")} to a person's wallet: send it from yours.`)
    : accept(...started, event("executionRequested", { purpose: "upgrade", legs: forGas, by }));
}

/** Why this person's wallet may not send the upgrade or the rollback that is under way; undefined where it may. */
export function notTheExecutor(by: Actor, purpose: "upgrade" | "rollback", setting: Setting): Refusal | undefined {
  const { state, policy, rules } = setting;
  const role = withoutRole(policy, by, ["executor"], `execute ${state.id}`);
  if (role !== undefined) return role;
  if (purpose === "upgrade" && state.status !== "executing")
    return refusal("send/status", `${state.id} is ${state.status}: no upgrade is sent until it goes on.`);
  const expected =
    purpose === "rollback"
      ? state.rollbackBy?.person
      : state.phases.find((one) => one.phase === state.currentPhase)?.executor;
  if (expected !== by.person)
    return refusal(
      "send/executor",
      `The executor of ${state.id} is ${expected === undefined ? "not named yet" : namesOf(policy, [expected])}, not you.`,
    );
  return separated(state, "execute", by.person, policy, rules.separation);
}

/** Takes the executor's signed transaction, before anything is broadcast. */
export function send(intent: Of<"send">, setting: Setting): Decision {
  const { state } = setting;
  const { by, sent } = intent;
  const stopped = stopsSending(intent, setting);
  if (stopped !== undefined) return { ok: false, refusal: stopped };
  if (state.sent.some((one) => one.hash === sent.hash))
    return refuse("send/again", `This transaction was taken already and is on its way.`);
  const { leg, purpose, hash, raw, from } = sent;
  const sender = intent.gasAccount === from ? ({ sender: "gas-key" } as const) : {};
  return accept(event("executorSent", { leg, purpose, hash, raw, from, ...sender, by }));
}

/** Why an executor's signed transaction may not leave now; undefined where it may. Nothing is recorded of the asking. */
export function stopsSending(intent: Of<"send">, setting: Setting): Refusal | undefined {
  const { state, policy, now, rules } = setting;
  const { by, sent, legs, executors, gasAccount } = intent;
  const other = notTheExecutor(by, sent.purpose, setting);
  if (other !== undefined) return other;
  const legsDue = sent.purpose === "rollback" ? (state.rollbackBy?.legs ?? []) : phaseAt(state).legs;
  if (
    !legsDue.includes(sent.leg) ||
    state.executedLegs.some((one) => one.leg === sent.leg && one.purpose === sent.purpose)
  )
    return refusal("send/leg", `The ${sent.purpose} of the leg ${sent.leg} is not due now.`);
  const waitsFor = sent.purpose === "upgrade" ? unmetDependency(state, sent.leg) : undefined;
  if (waitsFor !== undefined)
    return refusal("send/dependency", `The leg ${sent.leg} depends on ${waitsFor}, which has not been executed yet.`);
  const evidence: Evidence = {
    state,
    policy,
    now,
    safes: [],
    legs: legs.filter((one) => one.leg === sent.leg),
    due: [sent.leg],
    purpose: sent.purpose,
    sent: { ...sent, executors, gasAccount, person: by.person },
  };
  return broken("send", evidence, rules.integrity) ?? (sent.purpose === "upgrade" ? lostQuorum(setting) : undefined);
}

/** The first leg that must be upgraded before this one and is not. */
function unmetDependency(state: CeremonyState, leg: string): string | undefined {
  const done = state.executedLegs.filter((one) => one.purpose === "upgrade").map((one) => one.leg);
  return legById(state.package, leg).dependsOn.find((id) => !done.includes(id));
}
