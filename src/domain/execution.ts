/** What one person's wallet is to send now, looked at anew whenever it is asked: for who opens a link a while later. */

import type { Setting } from "./decision.ts";
import type { Actor } from "./events.ts";
import { chainTime } from "./intent.ts";
import { heardIn, standing } from "./lifecycle.ts";
import { waitsForDelay } from "./presigned.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { legsToExecute, notTheExecutor, opening, phaseAt } from "./release.ts";
import { legById } from "./release-package.ts";
import { incidentRefusal } from "./watch/incidents.ts";

/** The legs whose batch is due, in the order in which they are sent. */
export interface Execution {
  purpose: "upgrade" | "rollback";
  legs: string[];
}

export type ExecutionNow = ({ ok: true } & Execution) | { ok: false; refusal: Refusal };

/** Refused to anybody but the named executor, in another state, once separation rules forbid it, and outside the window. */
export function executionOf(by: Actor, setting: Setting): ExecutionNow {
  const { state } = setting;
  const purpose = state.rollbackBy === undefined ? "upgrade" : "rollback";
  if (!heardIn.send.includes(state.status))
    return no("execution/state", `${state.id} is ${standing(state)}: there is nothing to be sent now.`);
  const other = notTheExecutor(by, purpose, setting);
  if (other !== undefined) return { ok: false, refusal: other };
  if (purpose === "rollback" && waitsForDelay(state))
    return no(
      "execution/delay",
      `The rollback of ${state.id} still waits its delay in the timelock: the thread says when.`,
    );
  const barred = purpose === "upgrade" ? incidentRefusal(setting.now.incidents, state.package) : undefined;
  if (barred !== undefined) return { ok: false, refusal: barred };
  const legs = legsOf(setting, purpose);
  if (legs.length === 0) return no("execution/done", `Everything that you were to send for ${state.id} has run.`);
  const closed = legs.map((id) => closedWindow(id, purpose, setting)).find((one) => one !== undefined);
  return closed === undefined ? { ok: true, purpose, legs } : { ok: false, refusal: closed };
}

function legsOf({ state }: Setting, purpose: Execution["purpose"]): string[] {
  // What the gas key was asked for is no wallet's to send.
  const forGas = state.gasRequests.filter((one) => one.purpose === purpose).map((one) => one.leg);
  if (purpose === "upgrade") return legsToExecute(state).filter((id) => !forGas.includes(id));
  const done = state.executedLegs.filter((one) => one.purpose === "rollback").map((one) => one.leg);
  return (state.rollbackBy?.legs ?? []).filter((id) => !done.includes(id) && !forGas.includes(id));
}

/** By block time of the leg's own chain: a rollback opens with its upgrade, and has an end of its own. */
function closedWindow(id: string, purpose: Execution["purpose"], { state, now }: Setting): Refusal | undefined {
  const leg = legById(state.package, id);
  const time = chainTime(now, leg.chain);
  const phase = phaseAt(state);
  if (purpose === "upgrade" && time < opening(leg, phase))
    return refusal(
      "execution/early",
      `The window of ${id} has not opened yet; it opens at block time ${opening(leg, phase)}. Say /upgrade execute ${state.id} then.`,
    );
  const end = purpose === "upgrade" ? phase.window.notAfter : leg.rollback.notAfter;
  return time <= end
    ? undefined
    : refusal("execution/late", `The window of ${id} ended at block time ${end}: it can never run any more.`);
}

const no = (code: string, sentence: string): ExecutionNow => ({ ok: false, refusal: refusal(code, sentence) });
