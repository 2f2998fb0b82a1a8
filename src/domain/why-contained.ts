/** What a containment waits for once somebody gave the word. */

import type { CeremonyState } from "./ceremony.ts";
import { awaitedContainment } from "./held-back.ts";
import { namesOf, type Policy } from "./policy.ts";
import { missingSignatures } from "./signing.ts";
import type { NextStep } from "./why.ts";

/** What was held back needs its last signature first. */
export function containing(state: CeremonyState, policy: Policy, id: string): NextStep {
  const awaited = awaitedContainment(state);
  if (awaited === undefined) {
    const sentence = `The containment ${id} is on its way; it counts once it is read back from the chain.`;
    return { sentence, who: [], command: undefined };
  }
  const who = missingSignatures(state, policy).find((one) => one.tx.id === awaited.id)?.who ?? [];
  const sentence = `The word is given for ${id}, and its last signature is missing: ${namesOf(policy, who)}.`;
  return { sentence, who, command: "sign" };
}
