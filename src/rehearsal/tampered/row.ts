/** One tampering: where, with what, and who has to refuse it. */

import type { Outcome } from "../../command.ts";
import type { Policy } from "../../domain/policy.ts";
import { Refused } from "../../domain/refusal.ts";
import { type Chain, ChainFault } from "../../ports.ts";
import type { Branch } from "../branch.ts";
import type { Subjects } from "../judge.ts";
import type { Stage } from "../stage.ts";

/** Where the ceremony stands when the row is tried. */
export const moments = ["approved", "signed", "scheduled", "ready", "canary"] as const;
export type Moment = (typeof moments)[number];

export interface Row {
  at: Moment;
  /** What is tried with the tampered thing. */
  step: string;
  /** What was changed. */
  field: string;
  /** Who must refuse it: a refusal's code, or the error of a contract. */
  layer: string;
  policy?(policy: Policy): Policy;
  chain?(real: Chain): Partial<Chain>;
  /** Honest steps that bring the copy to where it is tampered with. */
  prepare?(it: Attempt): Promise<void>;
  tamper?(it: Attempt): Promise<void> | void;
  /** The layer that refused, or {@link ACCEPTED}. */
  attempt(it: Attempt): Promise<string>;
  /** Events besides refusals that may follow: what is refused only after them. */
  leads?: readonly string[];
}

export interface Attempt {
  stage: Stage;
  branch: Branch;
  subjects: Subjects;
  /** Names of Preconditions calls that batches are built without: to show what each is there for. */
  without: readonly string[];
}

/** Nothing refused it. */
export const ACCEPTED = "nobody";

/** The layer that refuses a command, by its code. */
export async function refusing(work: () => Promise<Outcome>): Promise<string> {
  try {
    const outcome = await work();
    return outcome.ok ? ACCEPTED : outcome.refusal.code;
  } catch (fault) {
    if (fault instanceof Refused) return fault.refusal.code;
    if (fault instanceof ChainFault) return `chain/${fault.kind}`;
    throw fault;
  }
}

/** Who stopped an effect, by the sentence in the log of faults. */
const effectLayers: readonly [RegExp, string][] = [
  [/is not what was written/, "store/content-hash"],
  [/is not in the store/, "store/content-missing"],
  [/does not accept the signatures/, "Safe checkSignatures"],
  [/is not the transaction .* that the executor signed/, "effect/executor-transaction"],
  [/GS\d{3}/, "Safe execTransaction"],
  [/refused the transaction|too little to pay/, "node"],
];

/** The layer that stopped what a command set off, once the command itself was accepted. */
export async function stopping(it: Attempt, work: () => Promise<Outcome>): Promise<string> {
  const earlier = it.branch.faults.length;
  const refused = await refusing(work);
  if (refused !== ACCEPTED) return refused;
  await it.branch.quorate.outbox.settled();
  const [fault] = it.branch.faults.slice(earlier);
  if (fault === undefined) return ACCEPTED;
  return effectLayers.find(([pattern]) => pattern.test(fault))?.[1] ?? fault;
}
