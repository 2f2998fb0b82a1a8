/** What the watch saw on a chain becomes events. The chain is the arbiter: it is recorded even where nobody asked for it. */

import { automaticContainment } from "./automatic.ts";
import { runningBudget } from "./budget.ts";
import {
  allTransactions,
  type BlockRef,
  breachesInWords,
  type CeremonyState,
  looseSignatures,
  onChainOf,
  operationOfCancel,
  pendingOperations,
  schedules,
} from "./ceremony.ts";
import { accept, type Decision, refuse, type Setting } from "./decision.ts";
import { type CeremonyEvent, type EventData, event, system } from "./events.ts";
import { exitsOf } from "./exits/exit.ts";
import { openLosses } from "./exits/exit-log.ts";
import { askedFor } from "./gas-execution.ts";
import { legsToRollBack } from "./guarding.ts";
import { chainTime, type Intent, type Observation } from "./intent.ts";
import { endings, heardIn } from "./lifecycle.ts";
import { personOfWallet } from "./policy.ts";
import { policyChanges } from "./policy-change.ts";
import { scheduledAtOnce, unsentRollbacks } from "./presigned.ts";
import { zeroHash } from "./primitives.ts";
import { phaseAt } from "./release.ts";
import { legById } from "./release-package.ts";
import { siblingLimit } from "./siblings.ts";
import { isKnownDoubt } from "./watch/doubts.ts";
import { barringIncident, heldFor } from "./watch/incidents.ts";

type Seen<W extends Observation["what"]> = Extract<Observation, { what: W }>;

const nothing: Decision = { ok: true, events: [] };

export function observe(intent: Extract<Intent, { kind: "observe" }>, setting: Setting): Decision {
  const { state } = setting;
  const { seen } = intent;
  switch (seen.what) {
    case "mined":
      return onChainOf(state, seen.tx) === undefined ? accept(event("transactionMined", withoutWhat(seen))) : nothing;
    case "operations":
      return state.status === "signing" && scheduledAtOnce(state).every((tx) => onChainOf(state, tx.id) !== undefined)
        ? accept(event("scheduled", { readyAt: seen.readyAt }))
        : nothing;
    case "ready":
      return state.status === "scheduled" && seen.phase === state.currentPhase
        ? accept(event("readied", { phase: seen.phase }))
        : nothing;
    case "executed":
      return executed(seen, setting);
    case "reverted":
      return state.sent.some((one) => one.hash === seen.hash)
        ? accept(
            event("executionFailed", { leg: seen.leg, purpose: seen.purpose, hash: seen.hash, reason: seen.reason }),
          )
        : nothing;
    case "notSent":
      return notSent(seen, setting);
    case "rollbackReady":
      return state.rollbackBy === undefined || state.rollbackBy.readied
        ? nothing
        : accept(event("rollbackReadied", { legs: state.rollbackBy.legs, block: seen.block }));
    case "contained":
      return state.status === "contained" || endings.includes(state.status)
        ? nothing
        : accept(event("contained", { containment: seen.containment, block: seen.block }));
    case "containmentFailed":
      return state.containment?.id === seen.containment && !state.containment.confirmed
        ? accept(event("containmentFailed", withoutWhat(seen)))
        : nothing;
    case "operationCancelled":
    case "nonceUsed":
      return used(seen, setting);
    case "operationRemoved":
      return removed(seen, setting);
    case "nonceTaken":
      return nonceTaken(seen, setting);
    case "superseded":
      return superseded(seen, setting);
    case "sibling":
      return sibling(seen, setting);
    case "breach":
    case "cleared":
      return measured(seen, setting);
    case "doubted":
      return isKnownDoubt(state, seen) ? nothing : accept(event("doubted", withoutWhat(seen)));
    case "doubtOver":
      return isKnownDoubt(state, seen) ? nothing : accept(event("doubtOver", withoutWhat(seen)));
    case "budget":
      return charged(seen, setting);
    case "exitLost":
    case "exitMended":
      return exitChanged(seen, setting);
    case "policyChanged":
      return accept(...policyChanges(setting.state, setting.policy, setting.rules));
    case "time":
      return time(setting);
  }
}

const withoutWhat = <T extends { what: string }>({ what: _what, ...rest }: T): Omit<T, "what"> => rest;

/** Recorded once: what the log says already is nothing new, and what nobody needs any more breaks nothing. */
function exitChanged(seen: Seen<"exitLost"> | Seen<"exitMended">, { state }: Setting): Decision {
  const known = openLosses(state).find((one) => one.exit === seen.exit);
  if (seen.what === "exitMended") {
    const isOpen = state.lostExits.some((one) => one.exit === seen.exit && one.open);
    return isOpen ? accept(event("exitMended", withoutWhat(seen))) : nothing;
  }
  const isWanted = exitsOf(state).some((one) => one.id === seen.exit && one.stage !== "over");
  const isKnown = known?.reasons.join() === seen.reasons.join();
  return isWanted && !isKnown ? accept(event("exitLost", withoutWhat(seen))) : nothing;
}

/** The gas key's checks failed right before it would have signed or sent: whoever asked is told, and asks again. */
function notSent(seen: Seen<"notSent">, { state }: Setting): Decision {
  const same = (one: { leg: string; purpose: string }) => one.leg === seen.leg && one.purpose === seen.purpose;
  const signed = state.sent.find((one) => one.byGasKey && same(one));
  return signed !== undefined || state.gasRequests.some(same)
    ? accept(event("executionFailed", { ...withoutWhat(seen), hash: signed?.hash ?? zeroHash, sent: false }))
    : nothing;
}

function executed(seen: Seen<"executed">, { state, policy }: Setting): Decision {
  const { leg, purpose, hash, block, from } = seen;
  if (onChainOf(state, `${leg}/${purpose}`)?.state === "done") return nothing;
  const asked = askedFor(state, seen);
  const person = asked?.person ?? personOfWallet(policy, from)?.id ?? system.person;
  const by = { person, account: `${asked?.byGasKey ? "gas-key" : "wallet"}:${from}` };
  const events: CeremonyEvent[] = [];
  // Somebody with EXECUTOR_ROLE ran it without the bot: the log says who, and the ceremony goes on from the truth.
  const at = state.status === "held" || state.status === "contained" ? state.before : state.status;
  if (purpose === "upgrade" && phaseAt(state).legs.includes(leg)) {
    if (at === "scheduled") events.push(event("readied", { phase: state.currentPhase }));
    if (at === "scheduled" || at === "ready") events.push(event("executionStarted", { phase: state.currentPhase, by }));
  }
  events.push(event("legExecuted", { leg, purpose, hash, block, by }));
  const doneNow = (id: string, what: string) =>
    (id === leg && what === purpose) || state.executedLegs.some((one) => one.leg === id && one.purpose === what);
  if (
    purpose === "upgrade" &&
    phaseAt(state).legs.includes(leg) &&
    phaseAt(state).legs.every((id) => doneNow(id, "upgrade"))
  )
    events.push(event("executed", { phase: state.currentPhase, block }));
  if (purpose === "rollback" && legsToRollBack(state).every((id) => doneNow(id, "rollback")))
    events.push(event("rolledBack", { block }));
  return accept(...events);
}

function used(seen: Seen<"operationCancelled"> | Seen<"nonceUsed">, { state }: Setting): Decision {
  const { tx, block } = seen;
  // A cancellation outside the wind-down has no transaction of the ceremony: it goes by the operation's own name.
  const isKnown =
    seen.what === "operationCancelled"
      ? onChainOf(state, operationOfCancel(tx))?.state === "cancelled"
      : onChainOf(state, tx) !== undefined;
  if (isKnown) return nothing;
  if (unsentRollbacks(state).some((one) => one.id === tx)) return rollbackDied(tx, block, state);
  const events = [event(seen.what === "operationCancelled" ? "operationCancelled" : "nonceUsed", { tx, block })];
  if (state.closing && nothingLeftAfter(state, tx)) events.push(event("closed", { block }));
  return accept(...events);
}

/**
 * A canceller, the guardian Safe above all, may take an operation out of the timelock at any time, and what was approved
 * is not whole any more. Before anything was executed that ends the ceremony, and the rest is wound down; afterwards it
 * is held, because people have to decide between going on and rolling back.
 */
function removed(seen: Seen<"operationRemoved">, { state }: Setting): Decision {
  const { tx, block } = seen;
  if (onChainOf(state, tx)?.state !== "mined" || state.closing || endings.includes(state.status)) return nothing;
  const reason = `the operation ${tx} was cancelled in the timelock by somebody who may, and not through ${state.id}`;
  return notWhole(event("operationRemoved", { tx, block }), reason, state);
}

/** Another transaction of the Safe took its nonce: nothing goes on without its way back. */
function rollbackDied(tx: string, block: BlockRef, state: CeremonyState): Decision {
  const used = event("nonceUsed", { tx, block });
  if (state.closing || endings.includes(state.status)) return accept(used);
  return notWhole(used, `the nonce that ${tx} was signed for was used by another transaction`, state);
}

function notWhole(gone: CeremonyEvent, reason: string, state: CeremonyState): Decision {
  if (state.executedLegs.length === 0) return accept(gone, event("cancelled", { by: system, reason }));
  const canHold = state.status !== "held" && heardIn.hold.includes(state.status);
  return canHold ? accept(gone, event("held", { by: system, reason })) : accept(gone);
}

/** What was signed for an earlier revision can still be sent by anyone; once it stands in the timelock, people are woken. */
function superseded({ safeTxHash, block }: Seen<"superseded">, { state }: Setting): Decision {
  const tx = state.abandoned.find((one) => one.safeTxHash === safeTxHash);
  if (tx?.operationId === undefined || state.supersededSeen.includes(safeTxHash)) return nothing;
  const { id, operationId, tx: safeTx } = tx;
  return accept(event("supersededSeen", { tx: id, safeTxHash, operationId, timelock: safeTx.to, block }));
}

/** Once a hash; what belongs to the ceremony itself is none. */
function sibling({ what: _what, ...seen }: Seen<"sibling">, { state }: Setting): Decision {
  const known = [...state.siblings, ...state.abandoned, ...allTransactions(state)];
  const isKnown = known.some((one) => one.safeTxHash === seen.safeTxHash);
  return isKnown || state.siblings.length >= siblingLimit ? nothing : accept(event("siblingSeen", seen));
}

/** Closed means that nothing stands in the timelock and nothing signed is left in a Safe (DESIGN.md). */
function nothingLeftAfter(state: CeremonyState, tx: string): boolean {
  const cancelled = operationOfCancel(tx);
  const onChain = [
    ...state.onChain.filter((one) => one.tx !== tx && one.tx !== cancelled),
    { tx, state: "used" as const },
    { tx: cancelled, state: "cancelled" as const },
  ];
  const after = { ...state, onChain };
  return pendingOperations(after).length === 0 && looseSignatures(after).length === 0;
}

/**
 * A taken nonce voids the digest (DESIGN.md): what was approved can never be sent again. Where a part of it stands in the
 * timelock already there is no going back to a review; it ends, and is wound down.
 */
function nonceTaken(seen: Seen<"nonceTaken">, { state }: Setting): Decision {
  if (!["in review", "approved", "signing"].includes(state.status)) return nothing;
  const reason = `the Safe ${seen.safe} is at nonce ${seen.nonce}; ${state.id} was approved for nonce ${seen.expected}`;
  const sentInPart = schedules(state).some((tx) => onChainOf(state, tx.id) !== undefined);
  return accept(sentInPart ? event("expired", { reason }) : event("digestVoided", { reason }));
}

function measured(seen: Seen<"breach"> | Seen<"cleared">, { state, policy }: Setting): Decision {
  const known = state.breaches.find((one) => one.metric === seen.metric);
  if (seen.what === "cleared")
    return known?.open ? accept(event("breachCleared", { metric: seen.metric, block: seen.block })) : nothing;
  if (known?.open) return nothing;
  const metric = policy.metrics.find((one) => one.id === seen.metric);
  if (metric === undefined) return refuse("breach/unknown", `Policy has no metric ${seen.metric}.`);
  const { id, severity, containment } = metric;
  const { block, value, sentence, sources, mayContain = false } = seen;
  const breached = event("breached", { metric: id, severity, containment, block, value, sentence, sources });
  const contain = automaticContainment(state, metric, { mayContain, sentence: breachesInWords([{ sentence, block }]) });
  const budget = severity === 1 ? runningBudget(state) : undefined;
  return budget === undefined || budget.left === 0
    ? accept(breached, ...contain)
    : accept(
        breached,
        ...contain,
        ...spent(state, { phase: budget.phase, left: 0, reason: breachesInWords([{ sentence, block }]), block }),
      );
}

/** Recorded every ten points, so that no replay and no reorganisation gives any back, and at zero, where it is held. */
function charged({ what: _what, ...seen }: Seen<"budget">, { state }: Setting): Decision {
  const budget = runningBudget(state);
  if (budget === undefined || budget.phase !== seen.phase || seen.left >= budget.left) return nothing;
  const tens = (points: number) => Math.ceil(points / 10);
  return seen.left === 0 || tens(seen.left) < tens(budget.left) ? accept(...spent(state, seen)) : nothing;
}

function spent(state: CeremonyState, data: EventData<"budgetSpent">): CeremonyEvent[] {
  const recorded = event("budgetSpent", data);
  const canHold = data.left === 0 && state.status === "canary";
  const reason = `the budget of the phase ${phaseAt(state).id} is spent: ${data.reason}`;
  return canHold ? [recorded, event("held", { by: system, reason })] : [recorded];
}

/** An incident on its target holds it; then expiry: of the review by wall time, of the current phase's window by block time. */
function time({ state, now }: Setting): Decision {
  const incident = barringIncident(now.incidents, state.package);
  const canHold = state.status !== "held" && !state.closing && heardIn.hold.includes(state.status);
  if (incident !== undefined && canHold) return accept(event("held", heldFor(incident)));
  const reviewing =
    ["in review", "approved", "signing"].includes(state.status) && state.scheduleRequestedBy === undefined;
  if (reviewing && state.review !== undefined && now.wall > state.review.expiresAt)
    return accept(
      event("expired", { reason: "the review ran out before the package was approved, signed and scheduled" }),
    );
  if (!canMissWindow(state)) return nothing;
  const phase = phaseAt(state);
  const late = phase.legs.some((id) => chainTime(now, legById(state.package, id).chain) > phase.window.notAfter);
  return late
    ? accept(event("expired", { reason: `the window of the phase ${phase.id} ended before it was executed` }))
    : nothing;
}

const beforeExecution = ["drafted", "checked", "in review", "approved", "signing", "scheduled", "ready"];

/**
 * A phase misses its window only as a whole: what was executed in part has to be rolled back, and what was sent may have
 * been mined in time. Held during a canary, the window of an executed phase is no longer missed.
 */
function canMissWindow(state: CeremonyState): boolean {
  const at = state.status === "held" ? state.before : state.status;
  const started = phaseAt(state).legs.some((id) => isExecutedOrSent(state, id));
  return !started && (beforeExecution.includes(at) || at === "executing");
}

function isExecutedOrSent(state: CeremonyState, leg: string): boolean {
  return [...state.executedLegs, ...state.sent].some((one) => one.leg === leg && one.purpose === "upgrade");
}
