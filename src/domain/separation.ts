/**
 * One person, one role per package (trust rule 3; MISSION 19). The rules are a list, so that a test can leave one out and
 * show that the rest do not hold without it.
 */

import type { CeremonyState } from "./ceremony.ts";
import { namesOf, type Policy, type Role, withRole } from "./policy.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** What somebody is about to do that makes them a part of the ceremony. */
export type Act = "approve" | "execute" | "resume" | "override";

export interface SeparationRule {
  id: string;
  /** As a council member would say it. */
  text: string;
  acts: readonly Act[];
  violated(state: CeremonyState, person: string): boolean;
}

const wrote = (state: CeremonyState, person: string) => state.proposers.includes(person);

/** People whose yes counts: voters, and signers of the release who are not among its authors. */
export function approversOf(state: CeremonyState): string[] {
  const releaseTxs = new Set(
    (state.review?.transactions ?? []).filter((one) => one.purpose !== "containment").map((one) => one.id),
  );
  const signers = state.signatures.filter((one) => releaseTxs.has(one.tx) && !wrote(state, one.person));
  return [...new Set([...state.approvals.map((one) => one.person), ...signers.map((one) => one.person)])];
}

export function executorsOf(state: CeremonyState): string[] {
  return [...new Set([...state.phases.map((one) => one.executor), ...state.executedLegs.map((one) => one.person)])];
}

export const separationRules: readonly SeparationRule[] = [
  {
    id: "proposer-approves",
    text: "who wrote any part of a package does not approve it",
    acts: ["approve"],
    violated: wrote,
  },
  {
    id: "proposer-executes",
    text: "who wrote any part of a package does not execute it",
    acts: ["execute"],
    violated: wrote,
  },
  {
    id: "approver-executes",
    text: "who approved or signed a package does not execute it",
    acts: ["execute"],
    violated: (state, person) => approversOf(state).includes(person),
  },
  {
    id: "proposer-overrides",
    text: "who wrote any part of a package does not override what its check refuses",
    acts: ["override"],
    violated: wrote,
  },
  {
    id: "overrider-executes",
    text: "who overrode what its check refuses does not execute it",
    acts: ["execute"],
    violated: (state, person) => state.overrides.some((one) => one.person === person),
  },
  {
    id: "container-resumes",
    text: "who held or contained it does not resume it",
    acts: ["resume"],
    violated: (state, person) => state.containment?.by === person || state.heldBy?.person === person,
  },
  {
    id: "proposer-resumes",
    text: "who wrote any part of a package does not resume it",
    acts: ["resume"],
    violated: wrote,
  },
];

/** The refusal for the first rule that `person` would break by `act`; undefined where none is. */
export function separated(
  state: CeremonyState,
  act: Act,
  person: string,
  policy: Policy,
  rules: readonly SeparationRule[],
): Refusal | undefined {
  const broken = rules.find((rule) => rule.acts.includes(act) && rule.violated(state, person));
  if (broken === undefined) return undefined;
  const others = eligible(state, act, policy, rules).filter((id) => id !== person);
  return refusal(
    `separation/${broken.id}`,
    `You cannot ${act} ${state.id}: ${broken.text}. ${
      others.length === 0
        ? "Nobody else in this council may either; change the policy."
        : `It takes somebody else: ${namesOf(policy, others)}.`
    }`,
    others,
  );
}

const roles: Readonly<Record<Act, readonly Role[]>> = {
  approve: ["approver"],
  execute: ["executor"],
  resume: ["approver"],
  override: ["admin", "guardian"],
};

/** Everyone with the role for an act whom no rule keeps from it. */
export function eligible(state: CeremonyState, act: Act, policy: Policy, rules: readonly SeparationRule[]): string[] {
  const able = new Set(roles[act].flatMap((role) => withRole(policy, role)));
  return [...able].filter((id) => !rules.some((rule) => rule.acts.includes(act) && rule.violated(state, id)));
}
