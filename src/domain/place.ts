/** Where an event puts a ceremony: its state, and the state that it goes back to from a hold or a containment. */

import type { CeremonyState } from "./ceremony.ts";
import type { LoggedEvent } from "./events.ts";
import { nextStatus, type Status } from "./lifecycle.ts";

export function placeAfter(state: CeremonyState, one: LoggedEvent): { status: Status; before: Status } {
  const status = isRollbackFailure(one) ? state.status : nextStatus(state.status, one.type, state.before);
  return { status, before: beforeOf(state, status, one) };
}

/** Where a held or contained ceremony goes back to: it moves on with what the chain does meanwhile. */
function beforeOf(state: CeremonyState, status: Status, one: LoggedEvent): Status {
  const waits = state.status === "held" || state.status === "contained";
  if ((status === "held" || status === "contained") && !waits) return state.status;
  const isExecution = ["readied", "executionStarted", "executed", "executionFailed"].includes(one.type);
  return waits && status === state.status && isExecution && !isRollbackFailure(one)
    ? nextStatus(state.before, one.type, state.before)
    : state.before;
}

/** A rollback that reverted leaves the ceremony where it is. */
function isRollbackFailure(one: LoggedEvent): boolean {
  return one.type === "executionFailed" && one.data.purpose === "rollback";
}
