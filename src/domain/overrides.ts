/**
 * A refusal of the gates that somebody takes upon themself, with their name, until a moment: only where the lane's
 * policy names it, and never for what makes the bytes to be signed unreadable or lets nobody stop them.
 */

import type { CeremonyState } from "./ceremony.ts";
import type { Finding } from "./events.ts";
import { mayBeNamed } from "./overridable.ts";
import { type Policy, withRole } from "./policy.ts";

/** As the log has it, of the check that stands now: another check starts with none. */
export interface Override {
  /** The finding's code, such as `layout/moved`: all findings of that code in this one check. */
  code: string;
  person: string;
  reason: string;
  /** Wall time, seconds. */
  at: bigint;
  expiresAt: bigint;
  revision: number;
}

/** Whether the lane lets refusals of this code be overridden: named itself or by its gate. */
export function isOverridable(code: string, lane: keyof Policy["lanes"], policy: Policy): boolean {
  const named = policy.lanes[lane].overridable;
  return mayBeNamed(code) && (named.includes(code) || named.includes(code.split("/")[0] ?? ""));
}

/** Whether it counts: of this revision, allowed, by somebody who may still give it. Time is asked for apart. */
function counts(one: Override, { revision, package: pkg, proposers }: CeremonyState, policy: Policy): boolean {
  return (
    one.revision === revision &&
    isOverridable(one.code, pkg.lane, policy) &&
    overriders(policy).includes(one.person) &&
    !proposers.includes(one.person)
  );
}

function overriders(policy: Policy): string[] {
  return [...new Set([...withRole(policy, "admin"), ...withRole(policy, "guardian")])];
}

/** Refusals of the check that no override in force covers; `wall` left out, also those that have expired count. */
export function openRefusals(state: CeremonyState, policy: Policy, wall?: bigint): Finding[] {
  const covering = state.overrides.filter(
    (one) => counts(one, state, policy) && (wall === undefined || wall <= one.expiresAt),
  );
  const refusals = state.check?.findings.filter((one) => one.severity === "refuse") ?? [];
  return refusals.filter((one) => !covering.some(({ code }) => code === one.code));
}

/** Whether a check of this revision lets the review open: it found nothing to refuse, or all of it is overridden. */
export function isCheckGood(state: CeremonyState, policy: Policy, wall: bigint): boolean {
  const { check, revision } = state;
  if (check === undefined || check.revision !== revision) return false;
  // What did not pass and says no reason has nothing that anybody could override.
  const isExplained = check.passed || check.findings.some((one) => one.severity === "refuse");
  return isExplained && openRefusals(state, policy, wall).length === 0;
}

/** The override of a finding, whether or not it has expired since. */
export function overrideOf({ overrides }: Pick<CeremonyState, "overrides">, finding: Finding): Override | undefined {
  return finding.severity === "refuse" ? overrides.find((one) => one.code === finding.code) : undefined;
}
