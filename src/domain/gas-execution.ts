/**
 * Execution by the gas key, on chains where policy says so: a person asks for it, under the same rules as with their own
 * wallet, and the gas key signs the approved batch. What it sends at most is one operation that is Ready.
 */

import type { CeremonyState, SentTransaction } from "./ceremony.ts";
import type { Actor, LoggedEvent } from "./events.ts";
import type { Policy } from "./policy.ts";
import type { Address, Hex } from "./primitives.ts";
import { type Leg, legById } from "./release-package.ts";

/** One leg that a person has asked the gas key to run. */
export interface GasRequest {
  leg: string;
  purpose: "upgrade" | "rollback";
  by: Actor;
  /** Of the event that asked: a second request is another one. */
  seq: number;
}

/** Whether the gas key may run this leg's operations. */
export function gasExecutes(policy: Policy, leg: Leg): boolean {
  const chain = policy.chains.find((one) => one.id === leg.chain);
  return chain?.executor === "gas-key" && leg.rollback.mode === "presigned";
}

/** Those of the legs that the gas key may run. */
export function legsForGas(state: CeremonyState, policy: Policy, legs: readonly string[]): string[] {
  return legs.filter((id) => gasExecutes(policy, legById(state.package, id)));
}

/**
 * What the bot was given that has run. At a higher fee the gas key's transaction has another hash, and is still the same
 * person's; a wallet's is known by its hash alone.
 */
export function askedFor(
  { sent }: CeremonyState,
  ran: { leg: string; purpose: string; hash: Hex; from: Address },
): SentTransaction | undefined {
  const isRaised = (one: SentTransaction) =>
    one.byGasKey && one.from === ran.from && one.leg === ran.leg && one.purpose === ran.purpose;
  return sent.find((one) => one.hash === ran.hash) ?? sent.find(isRaised);
}

/** The fold's part: what is asked for, until it has run, has failed, or somebody else has taken over. */
export function gasRequestsAfter({ gasRequests }: CeremonyState, one: LoggedEvent): GasRequest[] {
  const without = (purpose: GasRequest["purpose"], leg?: string) =>
    gasRequests.filter((other) => other.purpose !== purpose || (leg !== undefined && other.leg !== leg));
  switch (one.type) {
    case "executionRequested": {
      const { purpose, legs, by } = one.data;
      return [...without(purpose), ...legs.map((leg) => ({ leg, purpose, by, seq: one.seq }))];
    }
    case "executionStarted":
      return without("upgrade");
    case "rollbackStarted":
    case "released":
    case "resumed":
      return without("rollback");
    case "executionFailed":
      return without(one.data.purpose);
    case "legExecuted":
      return without(one.data.purpose, one.data.leg);
    default:
      return gasRequests;
  }
}

/** What the gas key signs next: one leg after another, so that its nonces follow on, and none before what it depends on. */
export function nextForGas({ gasRequests, sent, executedLegs, package: pkg }: CeremonyState): GasRequest | undefined {
  const same = (one: GasRequest) => (other: { leg: string; purpose: string }) =>
    other.leg === one.leg && other.purpose === one.purpose;
  if (gasRequests.some((one) => sent.some(same(one)))) return undefined;
  const upgraded = executedLegs.filter((one) => one.purpose === "upgrade").map((one) => one.leg);
  return gasRequests.find(
    (one) => one.purpose === "rollback" || legById(pkg, one.leg).dependsOn.every((id) => upgraded.includes(id)),
  );
}
