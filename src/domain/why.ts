/** What a ceremony waits for, and who can do something about it: `why`, the card's summary, and the buttons come from it. */

import { runningBudget } from "./budget.ts";
import { breachesInWords, type CeremonyState, onChainOf, releaseSet } from "./ceremony.ts";
import { allRules } from "./decision.ts";
import { duration } from "./duration.ts";
import { phaseKind } from "./exposure.ts";
import { resumeQuorum } from "./guarding.ts";
import { endings } from "./lifecycle.ts";
import { isOverridable, openRefusals } from "./overrides.ts";
import { namesOf, type Policy, withRole } from "./policy.ts";
import { isOutdated } from "./policy-change.ts";
import { isPresigned, rollbacksToSend, scheduledAtOnce, waitsForDelay } from "./presigned.ts";
import { phaseAt } from "./release.ts";
import { eligible } from "./separation.ts";
import { missingSignatures } from "./signing.ts";
import { stillExecutable } from "./still-executable.ts";
import { countedApprovals } from "./voting.ts";
import { containing } from "./why-contained.ts";
import { awaitsWindDown } from "./wind-down.ts";

export interface NextStep {
  /** One sentence: what is wanted now, and of whom. */
  sentence: string;
  /** Person ids who can take it. */
  who: string[];
  /** The command that takes it; undefined where only time or the chain can. */
  command: string | undefined;
}

/**
 * In order of urgency; never empty. Times are left to the caller, who has the clock. `lacks`: what keeps the canary from being
 * advanced, in clauses, where that was looked up.
 */
export function nextSteps(state: CeremonyState, policy: Policy, lacks?: readonly string[]): NextStep[] {
  const urgent = state.breaches
    .filter((one) => one.open && state.containment === undefined)
    .map((one) =>
      step(policy, `${breachesInWords([one])}. Any guardian can contain it`, withRole(policy, "guardian"), "contain"),
    );
  const { containment } = state;
  const contained =
    containment !== undefined && !containment.confirmed ? [containing(state, policy, containment.id)] : [];
  return [...contained, ...urgent, ...rollingBack(state, policy), ...byStatus(state, policy, lacks)];
}

/** A rollback that somebody has asked for. A presigned one is sent and waits its delay first. */
function rollingBack(state: CeremonyState, policy: Policy): NextStep[] {
  const { rollbackBy } = state;
  const isDone = (id: string) => state.executedLegs.some((one) => one.leg === id && one.purpose === "rollback");
  const legs = rollbackBy?.legs.filter((id) => !isDone(id)) ?? [];
  if (rollbackBy === undefined || legs.length === 0 || endings.includes(state.status)) return [];
  const what = `The rollback of ${legs.join(", ")}`;
  const presigned = legs.filter((id) => isPresigned(state.package, id));
  if (rollbacksToSend(state, presigned).length > 0) return [waiting(`${what} is being sent to the timelock.`)];
  if (waitsForDelay(state))
    return [waiting(`${what} stands in the timelock, and its delay is running; nobody can shorten it.`)];
  if ([...state.sent, ...state.gasRequests].some((one) => one.purpose === "rollback"))
    return [waiting(`${what} is being executed.`)];
  const may = presigned.length > 0 ? "has waited its delay and may be executed" : "may be executed";
  return [step(policy, `${what} ${may}`, [rollbackBy.person], "rollback")];
}

function byStatus(state: CeremonyState, policy: Policy, lacks: readonly string[] | undefined): NextStep[] {
  switch (state.status) {
    case "drafted":
      return drafted(state, policy);
    case "checked":
      if (isOutdated(state, policy)) return [rewrite(policy)];
      return [
        step(
          policy,
          `${state.overrides.length > 0 ? "What the check refused is overridden" : "The check passed"}; the review opens once the Safe's nonces are free. Check again`,
          everyone(policy),
          "check",
        ),
      ];
    case "in review":
    case "approved":
    case "signing":
      return beforeSchedule(state, policy);
    case "scheduled":
      return [waiting(`The timelock's delay of the phase ${phaseAt(state).id} is running; nobody can shorten it.`)];
    case "ready":
      if (countedApprovals(state, policy, allRules).length < (state.review?.quorum ?? 0)) return [thaw(policy)];
      return [
        step(
          policy,
          `The phase ${phaseAt(state).id} may be executed`,
          eligible(state, "execute", policy, allRules.separation),
          "execute",
        ),
      ];
    case "executing":
      return [executing(state, policy)];
    case "canary":
      return state.closing ? windingDown(state, policy) : [canary(state, policy, lacks)];
    case "held":
      if (runningBudget(state)?.left === 0) return [extension(state, policy)];
      return [held(state, policy), ...onTheWay(state)];
    case "contained":
      return [...contained(state, policy), ...onTheWay(state)];
    case "closed":
      return [waiting("Everything is done, and nothing is left in timelock or Safe that could still run.")];
    default:
      return ended(state, policy);
  }
}

/**
 * An upgrade that was sent, is in no block yet, and is to run no more: a hold keeps nothing back that has left. None while it
 * is being executed.
 */
export const mayStillRun = ({ status, sent }: CeremonyState): string[] =>
  sent
    .filter(({ purpose }) => purpose === "upgrade" && status !== "executing")
    .map(
      ({ leg, byGasKey }) =>
        `The upgrade of ${leg} has been sent and may still run; ${byGasKey ? "Quorate is stopping it" : "only whoever signed it can stop it, in their wallet"}.`,
    );

const onTheWay = (state: CeremonyState) => mayStillRun(state).map(waiting);

/** Held by a person, or by the program: for an incident, which two people settle before anybody may resume. */
function held(state: CeremonyState, policy: Policy): NextStep {
  const { person = "", incident } = state.heldBy ?? {};
  const until =
    incident === undefined
      ? "when somebody else resumes it"
      : `when two people have settled ${incident} and somebody resumes it`;
  return step(
    policy,
    `Held by ${namesOf(policy, [person])}: ${reasonOf(state)}. It goes on ${until}`,
    eligible(state, "resume", policy, allRules.separation),
    "canary",
  );
}

/** As a clause: whoever wrote it may have ended it with a full stop. */
const reasonOf = ({ heldBy }: CeremonyState) => (heldBy?.reason ?? "").trim().replace(/\.$/, "");

/** A phase whose budget is spent goes on only when as many people as approve a release want it to. */
function extension(state: CeremonyState, policy: Policy): NextStep {
  const given = state.resumeVotes.map((one) => one.person);
  const who = eligible(state, "resume", policy, allRules.separation).filter((id) => !given.includes(id));
  const left = Math.max(1, resumeQuorum(state, policy) - given.length);
  const people = `${left} more ${left === 1 ? "person" : "people"}`;
  return step(policy, `Held: ${reasonOf(state)}. It goes on once it is clean and ${people} want it`, who, "canary");
}

/** The package names the council that it was written under: checking it again helps nobody. */
function rewrite(policy: Policy): NextStep {
  const text = "The council has changed since the package was written, so it takes a new revision";
  return step(policy, text, withRole(policy, "proposer"), "propose");
}

/** Lifting a freeze is about a person, and no step of the ceremony. */
function thaw(policy: Policy): NextStep {
  const text = "Too few approvals count since somebody was frozen: nothing is executed until that is lifted";
  return { ...step(policy, text, withRole(policy, "admin"), ""), command: undefined };
}

const everyone = (policy: Policy) => policy.people.filter((one) => !one.frozen).map((one) => one.id);

function step(policy: Policy, text: string, who: string[], command: string): NextStep {
  return { sentence: `${text}: ${namesOf(policy, who)}.`, who, command };
}

const waiting = (sentence: string): NextStep => ({ sentence, who: [], command: undefined });

function drafted(state: CeremonyState, policy: Policy): NextStep[] {
  const open = openRefusals(state, policy);
  const [failed] = open;
  if (failed === undefined)
    return [step(policy, "It has to be checked before it can be reviewed", everyone(policy), "check")];
  const mend = step(
    policy,
    `The check refused it: ${failed.message} Mend it and propose a new revision`,
    withRole(policy, "proposer"),
    "propose",
  );
  if (!open.every((one) => isOverridable(one.code, state.package.lane, policy))) return [mend];
  const codes = [...new Set(open.map((one) => one.code))].join(", ");
  const who = eligible(state, "override", policy, allRules.separation);
  return [mend, step(policy, `Or the refusal is overridden, which policy lets be done for ${codes}`, who, "override")];
}

function beforeSchedule(state: CeremonyState, policy: Policy): NextStep[] {
  if (state.denials.length > 0)
    return state.denials.map((one) =>
      step(
        policy,
        `Denied: ${one.reason.trim().replace(/\.$/, "")}. The denial has to be withdrawn, or the package revised`,
        [one.person],
        "withdraw",
      ),
    );
  const steps: NextStep[] = [];
  const counted = countedApprovals(state, policy, allRules);
  const quorum = state.review?.quorum ?? 0;
  const voters = eligible(state, "approve", policy, allRules.separation).filter((id) => !counted.includes(id));
  if (counted.length < quorum) {
    const left = quorum - counted.length;
    steps.push(step(policy, `${left} more approval${left === 1 ? "" : "s"} needed`, voters, "approve"));
  }
  const missing = missingSignatures(state, policy);
  const signers = [...new Set(missing.flatMap((one) => one.who))];
  if (missing.length > 0) {
    const most = Math.max(...missing.map((one) => one.missing));
    steps.push(
      step(
        policy,
        `${missing.length} of ${releaseSet(state).length} transactions lack signatures, up to ${most} each`,
        signers,
        "sign",
      ),
    );
  }
  if (steps.length > 0) return steps;
  if (state.scheduleRequestedBy === undefined)
    return [
      step(policy, "Approved and fully signed: it can be sent to the timelock", withoutGuests(policy), "schedule"),
    ];
  const all = scheduledAtOnce(state);
  const sent = all.filter((tx) => onChainOf(state, tx.id) !== undefined).length;
  return [waiting(`Sending to the timelock: ${sent} of ${all.length} transactions are mined.`)];
}

const withoutGuests = (policy: Policy) =>
  policy.people
    .filter((one) => !one.frozen && one.roles.some((role) => ["proposer", "approver", "executor"].includes(role)))
    .map((one) => one.id);

function executing(state: CeremonyState, policy: Policy): NextStep {
  const executor = state.phases.find((one) => one.phase === state.currentPhase)?.executor ?? "";
  return state.sent.length > 0 || state.gasRequests.length > 0
    ? waiting("The executor's transaction is on its way.")
    : step(policy, `The phase ${phaseAt(state).id} waits for the executor's transaction`, [executor], "execute");
}

function canary(state: CeremonyState, policy: Policy, lacks: readonly string[] | undefined): NextStep {
  const phase = phaseAt(state);
  const last = state.currentPhase === state.package.phases.length - 1;
  const goal = last ? "closed" : "advanced to the next phase";
  const what = `The ${phaseKind(state.package.phases, state.currentPhase)} of ${phase.id}`;
  const who = withRole(policy, "approver");
  if (lacks === undefined) {
    const span = `${phase.minSamples} clean blocks over ${duration(phase.minDuration)}`;
    return step(policy, `${what} is measured; after ${span} it can be ${goal}`, who, "canary");
  }
  return lacks.length === 0
    ? step(policy, `${what} was clean long enough, and can be ${goal}`, who, "canary")
    : waiting(`${what} cannot be ${goal} yet: ${lacks.join("; ")}. Then it is up to ${namesOf(policy, who)}.`);
}

function contained(state: CeremonyState, policy: Policy): NextStep[] {
  return [
    step(
      policy,
      "Contained. It can be rolled back",
      eligible(state, "execute", policy, allRules.separation),
      "rollback",
    ),
    step(
      policy,
      state.resimulation?.passed
        ? "Or it resumes, once it is clean again and two people want it"
        : "Or it resumes, once it is lifted, checked anew and clean again, and two people want it",
      eligible(state, "resume", policy, allRules.separation),
      state.resimulation?.passed ? "canary" : "check",
    ),
  ];
}

function windingDown(state: CeremonyState, policy: Policy): NextStep[] {
  if (awaitsWindDown(state)) return [waiting("The transactions that make what is left unusable are being prepared.")];
  const missing = missingSignatures(state, policy);
  if (missing.length === 0) return [waiting("What is left in the timelock is being cancelled and read back.")];
  const who = [...new Set(missing.flatMap((one) => one.who))];
  return [step(policy, `${missing.length} transactions that make what is left unusable lack signatures`, who, "sign")];
}

function ended(state: CeremonyState, policy: Policy): NextStep[] {
  const open = stillExecutable(state);
  if (open.length === 0) return [waiting("It has ended, and nothing of it can run any more.")];
  return [waiting(`Still executable by anyone: ${open.join(", ")}.`), ...windingDown(state, policy)];
}
