/** Stopping a person at once: anybody who may have lost a wallet or an account, or is suspected to. One freezes, two lift it. */

import { ADMINS_NEEDED, adminsBeside, freezeOf } from "./people.ts";
import {
  adminProblem,
  countedAdmins,
  happens,
  type PeopleDecision,
  type PeopleIntent,
  type PeopleSetting,
  refuses,
} from "./people-decision.ts";
import { peopleEvent } from "./people-events.ts";
import { namesOf, personById, withRole } from "./policy.ts";

type Of<K extends PeopleIntent["kind"]> = Extract<PeopleIntent, { kind: K }>;

/** Any one admin or guardian freezes anybody, and everybody themself. */
export function freeze({ by, person, reason }: Of<"freeze">, { state, policy }: PeopleSetting): PeopleDecision {
  const found = personById(policy, person);
  if (found === undefined)
    return refuses(
      "freeze/nobody",
      `Nobody in the council is called ${person}: it is one of ${policy.people.map((one) => one.id).join(", ")}.`,
    );
  if (found.frozen)
    return refuses("freeze/again", `${found.name} is frozen already. Two admins lift it: /upgrade unfreeze ${person}.`);
  const roles = personById(policy, by.person)?.roles ?? [];
  if (by.person !== person && !roles.includes("admin") && !roles.includes("guardian")) {
    const able = [...new Set([...withRole(policy, "admin"), ...withRole(policy, "guardian")])];
    return refuses(
      "role",
      `You can freeze yourself, and nobody else: that takes the role admin or guardian. Ask ${namesOf(policy, able)}.`,
      able,
    );
  }
  return happens(peopleEvent("frozen", { freeze: `freeze-${state.freezes.length + 1}`, person, by, reason }));
}

/** Two admins, neither of them the frozen person nor who froze them. */
export function unfreeze({ by, person }: Of<"unfreeze">, setting: PeopleSetting): PeopleDecision {
  const { state, policy } = setting;
  const held = freezeOf(state, person);
  if (held === undefined) {
    const known = personById(policy, person) !== undefined;
    return refuses(
      "unfreeze/none",
      known
        ? `${namesOf(policy, [person])} is not frozen and can act as before: nothing has to be lifted.`
        : `Nobody in the council is called ${person}: it is one of ${policy.people.map((one) => one.id).join(", ")}.`,
    );
  }
  const others = [held.person, held.by];
  if (held.by === by.person && by.person !== held.person)
    return refuses(
      "people/own",
      `You froze ${namesOf(policy, [person])}, so it takes two other admins to lift it: ${namesOf(policy, adminsBeside(policy, ...others))}.`,
      adminsBeside(policy, ...others),
    );
  const problem = adminProblem(setting, by, others, held.supportedBy, "lift this freeze");
  if (problem !== undefined) return { ok: false, refusal: problem };
  const { id } = held;
  const supported = peopleEvent("unfreezeSupported", { freeze: id, person, by });
  const people = countedAdmins(setting, [...held.supportedBy, by.person], others);
  return people.length < ADMINS_NEEDED
    ? happens(supported)
    : happens(supported, peopleEvent("unfrozen", { freeze: id, person, people }));
}
