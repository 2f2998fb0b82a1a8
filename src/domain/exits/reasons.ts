/** Why an exit would not work, one sentence each, and what a revert of the chain means. */

import { slice } from "viem";
import type { Hex } from "../primitives.ts";
import { revertReason } from "../revert-reason.ts";

export type ReasonCode =
  | "nonce"
  | "owner"
  | "threshold"
  | "signatures"
  | "role"
  | "module"
  | "guard"
  | "code"
  | "window"
  | "early"
  | "cancelled"
  | "pending"
  | "predecessor"
  | "people"
  | "effect"
  | "reverts";

export interface Reason {
  code: ReasonCode;
  /** Whole, with a full stop. */
  sentence: string;
}

/** By the errors' selectors: AccessControl, Ownable and TimelockController of OpenZeppelin, and Preconditions. */
const bySelector: Readonly<Record<Hex, ReasonCode>> = {
  "0xe2517d3f": "role", // AccessControlUnauthorizedAccount
  "0x118cdaa7": "role", // OwnableUnauthorizedAccount
  "0xe2850c59": "role", // TimelockUnauthorizedCaller
  "0x5ead8eb5": "pending", // TimelockUnexpectedOperationState
  "0x90a9a618": "predecessor", // TimelockUnexecutedPredecessor
};

const words: Readonly<Partial<Record<ReasonCode, string>>> = {
  role: "A role or an owner is not what it was",
  code: "Code on its way is not what it was",
  window: "Its time is over",
  early: "Its time has not come",
  pending: "The timelock does not let the operation run",
  predecessor: "The timelock lets nothing run before what it depends on",
  guard: "The Safe's guard may stand in its way",
};

/** What a failed call means for `what`, such as "The containment". */
export function revertedBecause(data: Hex, what: string): Reason {
  const said = revertReason(data);
  const code = codeOf(data, said);
  const lead = words[code] ?? `${what} would revert`;
  return { code, sentence: `${lead}: ${said}.` };
}

function codeOf(data: Hex, said: string): ReasonCode {
  const known = data.length >= 10 ? bySelector[slice(data, 0, 4)] : undefined;
  if (known !== undefined) return known;
  // By the words of domain/revert-reason.ts, which knows the errors of Preconditions and of older contracts.
  if (/^the precondition asks for other code|has no code|gives no answer|answers something else/.test(said))
    return "code";
  if (/^it is too late/.test(said)) return "window";
  if (/^it is too early/.test(said)) return "early";
  if (/AccessControl: account|caller is not the owner/i.test(said)) return "role";
  return "reverts";
}

/** The inner call of a Safe transaction failed: only the call itself says why. */
export function hidesInner(data: Hex | undefined): boolean {
  return data !== undefined && /\(GS013\)/.test(revertReason(data));
}
