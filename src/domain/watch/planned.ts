/** What the ceremonies, all of them, have people do with power on a chain: everything else that happens there is out of band. */

import { allTransactions, type CeremonyState } from "../ceremony.ts";
import type { Address, ChainId, Hex } from "../primitives.ts";
import type { CeremonyTx } from "../transactions.ts";
import { type Implied, impliedEvents } from "./implied-events.ts";

/** A timelock operation or Safe transaction of a ceremony, with what runs in it. */
export interface Planned {
  ceremony: string;
  /** `pilot/upgrade`. */
  tx: string;
  /** Events that are no surprise where this ran. */
  events: Implied[];
}

export interface Plan {
  /** By Safe and safeTxHash: see {@link planKey}. */
  safeTransactions: Map<string, Planned>;
  /** Scheduled and executed, by timelock and id. */
  operations: Map<string, Planned>;
  /** Taken out of the timelock by a ceremony's own transaction. */
  cancellations: Set<string>;
}

export const planKey = (account: Address, id: Hex): string => `${account}:${id}`;

/** Also of what was superseded, abandoned or ended: the ceremony's own log tells when that is sent after all. */
export function planOf(states: readonly CeremonyState[], chain: ChainId): Plan {
  const plan: Plan = { safeTransactions: new Map(), operations: new Map(), cancellations: new Set() };
  for (const state of states)
    for (const tx of [...allTransactions(state), ...state.abandoned]) if (tx.tx.chain === chain) add(plan, state, tx);
  return plan;
}

function add(plan: Plan, state: CeremonyState, tx: CeremonyTx): void {
  const inside = impliedEvents(tx.tx.safe, [{ to: tx.tx.to, value: tx.tx.value, data: tx.tx.data }]);
  const planned = (events: Implied[]): Planned => ({ ceremony: state.id, tx: tx.id, events });
  const isSchedule = (tx.purpose === "upgrade" || tx.purpose === "rollback") && tx.operationId !== undefined;
  // A schedule carries calls, and runs none of them.
  plan.safeTransactions.set(planKey(tx.tx.safe, tx.safeTxHash), planned(isSchedule ? [] : inside));
  if (tx.operationId === undefined) return;
  if (tx.purpose === "cancel") plan.cancellations.add(planKey(tx.tx.to, tx.operationId));
  if (isSchedule) plan.operations.set(planKey(tx.tx.to, tx.operationId), planned([...inside, ...stated(state, tx)]));
}

/** Events that the package itself says its upgrade has. What was abandoned may be of another revision. */
function stated(state: CeremonyState, tx: CeremonyTx): Implied[] {
  const leg = state.package.legs.find((one) => one.id === tx.subject);
  if (leg === undefined || tx.purpose !== "upgrade" || state.abandoned.includes(tx)) return [];
  return leg.expects.events.map(({ address, topic }) => ({ account: address, topic, args: [] }));
}
