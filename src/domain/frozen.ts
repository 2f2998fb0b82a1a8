/** What a frozen person is told, wherever they try to act. */

import { namesOf, type Policy, personById, withRole } from "./policy.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** Undefined where the person is not frozen. */
export function frozenRefusal(policy: Policy, person: string): Refusal | undefined {
  if (!personById(policy, person)?.frozen) return undefined;
  const admins = withRole(policy, "admin");
  return refusal(
    "person/frozen",
    `You are frozen: you can look at everything and do nothing, and what you approved does not count. /upgrade whoami says who froze you and why. Two admins can lift it with /upgrade unfreeze ${person}: ask ${namesOf(policy, admins)}.`,
    admins,
  );
}
