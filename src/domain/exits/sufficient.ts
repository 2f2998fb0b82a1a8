/** Which people suffice for an exit: roles and separation by policy, owners and roles by the chain. */

import { type CeremonyState, signaturesOf } from "../ceremony.ts";
import type { SafeNow } from "../intent.ts";
import { approvedOwners } from "../nested-safes.ts";
import { personOfWallet, withRole } from "../policy.ts";
import { type Address, zeroAddress } from "../primitives.ts";
import { canBeCompleted } from "../signing-capacity.ts";
import { type CeremonyTx, timelockOf } from "../transactions.ts";
import { rollbackLeg } from "./exit.ts";
import { isExecutor, safeFound } from "./facts.ts";
import type { Judged } from "./judge.ts";
import { type Sufficiency, sufficiencyOf } from "./people.ts";
import { type ExitPlan, safeFor } from "./plan.ts";
import { signersLeft } from "./safe-reasons.ts";

/** People are counted, not wallets: whoever owns a Safe twice signs once, and who is frozen does nothing. */
export function sufficient(state: CeremonyState, plan: ExitPlan, at: Judged): Sufficiency {
  const short = plan.txs.flatMap((tx) => {
    const safe = safeFound(at.answers, safeFor(state, tx, at))?.safe ?? safeFor(state, tx, at);
    const isShort = approvedOwners(safe, signaturesOf(state, tx.id)).length < safe.threshold;
    return isShort ? [{ tx, safe, signers: signersLeft(state, tx, safe, at.policy) }] : [];
  });
  const doers = plan.exit.kind === "containment" ? withRole(at.policy, "guardian") : executing(state, plan, at);
  const pool = inOrder(at, [...doers, ...short.flatMap((one) => one.signers)]);
  const complete = (people: ReadonlySet<string>) => short.every((one) => completes(state, one, people, at));
  // Whoever signs a release approves it, and so does not execute it; who contains may have signed.
  const isSeparate = plan.exit.kind === "rollback";
  return sufficiencyOf(pool, (people) =>
    doers.some((doer) => {
      if (!people.has(doer)) return false;
      return complete(isSeparate ? new Set([...people].filter((id) => id !== doer)) : people);
    }),
  );
}

interface Short {
  tx: CeremonyTx;
  safe: SafeNow;
  signers: readonly string[];
}

/** Whether these people could sign what is missing. */
function completes(state: CeremonyState, { tx, safe, signers }: Short, people: ReadonlySet<string>, at: Judged) {
  const personOf = (wallet: Address) => {
    const id = personOfWallet(at.policy, wallet)?.id;
    return id !== undefined && people.has(id) && signers.includes(id) ? id : undefined;
  };
  return canBeCompleted({ safe, personOf, given: signaturesOf(state, tx.id) });
}

/** People with a wallet that holds EXECUTOR_ROLE, or who may have the gas key send it. */
function executing(state: CeremonyState, { exit, executors }: ExitPlan, { answers }: Judged): string[] {
  const { timelock } = timelockOf(rollbackLeg(state, exit));
  const isOpen = isExecutor(answers, timelock, zeroAddress);
  return executors.filter((one) => isOpen || isExecutor(answers, timelock, one.wallet)).flatMap((one) => one.people);
}

function inOrder({ policy }: Judged, ids: readonly string[]): string[] {
  return policy.people.map((one) => one.id).filter((id) => ids.includes(id));
}
