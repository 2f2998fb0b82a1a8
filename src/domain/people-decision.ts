/** What a decision about people is made of: shared by linking and freezing. */

import type { Actor } from "./events.ts";
import { ADMINS_NEEDED, adminsBeside, type PeopleState } from "./people.ts";
import type { PeopleEvent } from "./people-events.ts";
import { namesOf, type Policy, personById, withRole } from "./policy.ts";
import type { Address, ChainId, Hex } from "./primitives.ts";
import { type Refusal, refusal } from "./refusal.ts";

export type PeopleIntent =
  | {
      kind: "requestLink";
      by: Actor;
      tokenHash: Hex;
      nonceHash: Hex;
      domain: string;
      uri: string;
      chain: ChainId;
    }
  | {
      kind: "proveLink";
      by: Actor;
      request: string;
      /** Who signed, recovered at the edge from the text that was written anew. */
      wallet: Address;
      /** keccak256 of the text, and of the signature. */
      message: Hex;
      signature: Hex;
      /** Accounts of the program itself, which are nobody's wallet. */
      reserved: readonly Address[];
    }
  | { kind: "confirmLink"; by: Actor; request: string }
  | { kind: "confirmUnlink"; by: Actor; request: string }
  | { kind: "denyLink"; by: Actor; request: string; reason: string }
  | { kind: "denyUnlink"; by: Actor; request: string; reason: string }
  | { kind: "requestUnlink"; by: Actor; person: string; wallet: Address; reason: string }
  | { kind: "freeze"; by: Actor; person: string; reason: string }
  | { kind: "unfreeze"; by: Actor; person: string }
  | { kind: "expire"; by: Actor };

export type PeopleDecision = { ok: true; events: PeopleEvent[] } | { ok: false; refusal: Refusal };

export interface PeopleSetting {
  state: PeopleState;
  /** With the people as they count now. */
  policy: Policy;
  /** Wall time, seconds. */
  now: bigint;
}

export const happens = (...events: PeopleEvent[]): PeopleDecision => ({ ok: true, events });

export function refuses(code: string, sentence: string, who: string[] = []): PeopleDecision {
  return { ok: false, refusal: refusal(code, sentence, who) };
}

/**
 * Why somebody's word as an admin does not count for what concerns `others`; undefined where it does. `given`: who gave
 * theirs before.
 */
export function adminProblem(
  { policy }: PeopleSetting,
  by: Actor,
  others: readonly string[],
  given: readonly string[],
  what: string,
): Refusal | undefined {
  const able = adminsBeside(policy, ...others).filter((id) => !given.includes(id));
  const ask = able.length === 0 ? "Nobody else in this council can." : `Ask ${namesOf(policy, able)}.`;
  if (!personById(policy, by.person)?.roles.includes("admin"))
    return refusal("role", `You cannot ${what}: that takes the role admin. ${ask}`, able);
  if (others.includes(by.person))
    return refusal("people/own", `You cannot ${what} yourself: it takes ${ADMINS_NEEDED} other admins. ${ask}`, able);
  return given.includes(by.person)
    ? refusal(
        "people/again",
        `You did this already; one person counts once, on every platform together. ${ask}`,
        able.filter((id) => id !== by.person),
      )
    : undefined;
}

/** The admins whose word counts now: who gave it, is an admin still, and is not frozen. */
export function countedAdmins(
  { policy }: PeopleSetting,
  given: readonly string[],
  others: readonly string[],
): string[] {
  const able = withRole(policy, "admin");
  return [...new Set(given)].filter((id) => able.includes(id) && !others.includes(id));
}

/** A refusal where even all admins together are too few. */
export function tooFewAdmins({ policy }: PeopleSetting, person: string, what: string): Refusal | undefined {
  const able = adminsBeside(policy, person);
  if (able.length >= ADMINS_NEEDED) return undefined;
  const there = able.length === 0 ? "there is none" : `there is only ${namesOf(policy, able)}`;
  return refusal(
    "people/admins",
    `${what} takes ${ADMINS_NEEDED} admins besides ${namesOf(policy, [person])}, and ${there}: the council's policy has to name more under roles.yaml.`,
    able,
  );
}
