/** What a decision is made of: shared by the files that decide. */

import type { CeremonyState } from "./ceremony.ts";
import type { Actor, CeremonyEvent } from "./events.ts";
import { type IntegrityCheck, integrityChecks } from "./integrity.ts";
import type { Now } from "./intent.ts";
import { namesOf, type Policy, personById, type Role, withRole } from "./policy.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { type SeparationRule, separationRules } from "./separation.ts";

export type Decision = { ok: true; events: CeremonyEvent[] } | { ok: false; refusal: Refusal };

export interface Rules {
  separation: readonly SeparationRule[];
  integrity: readonly IntegrityCheck[];
}
export const allRules: Rules = { separation: separationRules, integrity: integrityChecks };

/** What every decision about an existing ceremony is given. */
export interface Setting {
  state: CeremonyState;
  policy: Policy;
  now: Now;
  rules: Rules;
}

export const accept = (...events: CeremonyEvent[]): Decision => ({ ok: true, events });

export function refuse(code: string, sentence: string, who: string[] = []): Decision {
  return { ok: false, refusal: refusal(code, sentence, who) };
}

/** A refusal unless the person has one of the roles. */
export function withoutRole(policy: Policy, by: Actor, roles: readonly Role[], what: string): Refusal | undefined {
  const found = personById(policy, by.person);
  if (found?.roles.some((role) => roles.includes(role))) return undefined;
  const able = [...new Set(roles.flatMap((role) => withRole(policy, role)))];
  return refusal(
    "role",
    `You cannot ${what}: that takes the role ${roles.join(" or ")}. ${
      able.length === 0 ? "Nobody in this council has it." : `Ask ${namesOf(policy, able)}.`
    }`,
    able,
  );
}
