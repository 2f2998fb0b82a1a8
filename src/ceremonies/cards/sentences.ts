/** What a transaction does, call by call, with the names that policy has for addresses. */

import { callSentences, type PlainCall } from "../../domain/call-sentences.ts";
import type { Policy } from "../../domain/policy.ts";

/** Names of addresses as policy knows them; the address stays visible. */
export function nameOf(policy: Policy, address: string): string {
  const same = (other: string) => other.toLowerCase() === address.toLowerCase();
  for (const target of policy.targets)
    for (const contract of target.contracts) if (same(contract.proxy)) return `${contract.title} (${address})`;
  for (const chain of policy.chains)
    for (const key of ["council", "guardian", "timelock", "preconditions"] as const)
      if (same(chain[key]))
        return `the ${{ council: "council Safe", guardian: "guardian Safe", timelock: "timelock", preconditions: "Preconditions contract" }[key]} (${address})`;
  return address;
}

/** One sentence a call; nested calls of a timelock batch follow with their number. */
export function sentencesOf(call: PlainCall, policy: Policy): string[] {
  return callSentences(call, { nameOf: (address) => nameOf(policy, address), utc });
}

/** Seconds since 1970 as "2026-11-21 14:00:05 UTC". */
export function utc(seconds: bigint): string {
  if (seconds > 8_640_000_000_000n) return `second ${seconds} (never)`;
  return `${new Date(Number(seconds) * 1000).toISOString().replace("T", " ").slice(0, 19)} UTC`;
}
