/** Integrity of the transaction that an executor's wallet signed: exactly the approved batch, by a wallet that may. */

import type { CeremonyState } from "./ceremony.ts";
import { gasExecutes } from "./gas-execution.ts";
import type { Evidence, IntegrityCheck } from "./integrity.ts";
import { type Policy, personOfWallet } from "./policy.ts";
import { legById } from "./release-package.ts";
import { executeBatchData } from "./timelock.ts";
import { rollbackBatch, timelockOf, upgradeBatch } from "./transactions.ts";

export const callIsTheBatch: IntegrityCheck = {
  id: "executor-calldata",
  steps: ["send"],
  fault: ({ state, sent }) => {
    if (sent === undefined || state.review === undefined) return "there is no transaction";
    const leg = legById(state.package, sent.leg);
    const anchor = { packageHash: state.packageHash, auditHead: state.review.auditHead };
    const batch = (sent.purpose === "upgrade" ? upgradeBatch : rollbackBatch)(state.package, leg, anchor);
    const { timelock } = timelockOf(leg);
    const value = batch.calls.reduce((sum, call) => sum + call.value, 0n);
    if (sent.chain !== leg.chain) return `the transaction is for ${sent.chain} instead of ${leg.chain}`;
    if (sent.to !== timelock) return `the transaction goes to ${sent.to} instead of the timelock ${timelock}`;
    if (sent.value !== value) return `the transaction carries ${sent.value} wei instead of ${value}`;
    return sent.data === executeBatchData(batch)
      ? undefined
      : "the transaction's calldata is not the batch that was approved";
  },
};

export const senderMayExecute: IntegrityCheck = {
  id: "executor-wallet",
  steps: ["send"],
  fault: ({ state, policy, sent }) => {
    if (sent === undefined) return "there is no transaction";
    if (sent.gasAccount === sent.from) return gasKeyMayNot(sent, state, policy);
    if (personOfWallet(policy, sent.from)?.id !== sent.person)
      return `the wallet ${sent.from} that signed it is not linked to you`;
    return sent.executors.includes(sent.from)
      ? undefined
      : `the wallet ${sent.from} holds no EXECUTOR_ROLE on the timelock`;
  },
};

type Sent = NonNullable<Evidence["sent"]>;

/** The gas key is nobody's wallet: it may run what policy leaves to it, for who has asked, and nothing else. */
function gasKeyMayNot(
  { leg: id, purpose, from, executors, person }: Sent,
  state: CeremonyState,
  policy: Policy,
): string | undefined {
  const leg = legById(state.package, id);
  if (!gasExecutes(policy, leg)) return `policy leaves the execution of ${id} on ${leg.chain} to a person's wallet`;
  if (!state.gasRequests.some((one) => one.leg === id && one.purpose === purpose && one.by.person === person))
    return `nobody who may has asked the gas key to run the ${purpose} of ${id}`;
  return executors.includes(from) ? undefined : `the gas account ${from} holds no EXECUTOR_ROLE on the timelock`;
}
