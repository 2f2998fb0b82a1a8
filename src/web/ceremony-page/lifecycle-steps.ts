/** Where a ceremony stands on its way from draft to closed: what was done, when and by whom, and what is next. */

import { type CeremonyState, onChainOf, releaseSet, signaturesOf } from "../../domain/ceremony.ts";
import { type EventType, type LoggedEvent, system } from "../../domain/events.ts";
import { isSignedAsPlanned } from "../../domain/held-back.ts";
import { endings } from "../../domain/lifecycle.ts";
import { openRefusals } from "../../domain/overrides.ts";
import { namesOf, type Policy } from "../../domain/policy.ts";
import { scheduledAtOnce } from "../../domain/presigned.ts";

export interface Step {
  title: string;
  place: "done" | "now" | "to come" | "not reached" | "stopped";
  /** Wall time in seconds. */
  at?: bigint | undefined;
  /** Names. */
  by?: string | undefined;
}

interface Milestone {
  title: string;
  reached: boolean;
  event: LoggedEvent | undefined;
  /** Where more people did it than the last event names. */
  people?: string[];
}

/** From "Drafted" to "Closed", with what stopped it, in the order of happening. */
export function lifecycleSteps(state: CeremonyState, history: readonly LoggedEvent[], policy: Policy): Step[] {
  const ended = endings.includes(state.status) && state.status !== "closed";
  const stopped = stop(state, history, policy);
  const all = milestones(state, history, policy);
  const first = all.findIndex((one) => !one.reached);
  const steps = all.map(({ title, reached, event, people }, index): Step => {
    if (reached)
      return {
        title,
        place: "done",
        at: event?.at,
        by: people === undefined ? byOf(event, policy) : names(people, policy),
      };
    if (ended) return { title, place: "not reached" };
    return { title, place: index === first && stopped === undefined ? "now" : "to come" };
  });
  if (stopped === undefined) return steps;
  const at = first < 0 ? steps.length : first;
  return [...steps.slice(0, at), stopped, ...steps.slice(at)];
}

/** An ending before the end, a hold or a containment. */
function stop(state: CeremonyState, history: readonly LoggedEvent[], policy: Policy): Step | undefined {
  const events: Partial<Record<CeremonyState["status"], EventType>> = {
    held: "held",
    contained: "contained",
    "rolled back": "rolledBack",
    expired: "expired",
    cancelled: "cancelled",
  };
  const type = events[state.status];
  if (type === undefined) return undefined;
  const event = history.findLast((one) => one.type === type);
  const title = `${state.status.charAt(0).toUpperCase()}${state.status.slice(1)}`;
  return { title, place: "stopped", at: event?.at, by: byOf(event, policy) };
}

function milestones(state: CeremonyState, history: readonly LoggedEvent[], policy: Policy): Milestone[] {
  const last = (...types: EventType[]) => history.findLast((one) => types.includes(one.type));
  const set = releaseSet(state);
  const signed = set.length > 0 && set.every((tx) => isSignedAsPlanned(state, tx));
  const waiting = scheduledAtOnce(state);
  return [
    { title: "Drafted", reached: true, event: last("drafted", "revised") },
    {
      title: "Checked",
      reached: state.check?.revision === state.revision && openRefusals(state, policy).length === 0,
      event: last("checked", "refusalsOverridden"),
    },
    { title: "Review opened", reached: state.review !== undefined, event: last("reviewOpened") },
    { title: "Approved by the quorum", reached: state.quorumMet, event: last("quorumReached") },
    {
      title: "Signed by the Safes",
      reached: signed,
      event: last("signed"),
      people: set.flatMap((tx) => signaturesOf(state, tx.id).map((one) => one.person)),
    },
    {
      title: "Scheduled in the timelock",
      reached: waiting.length > 0 && waiting.every((tx) => onChainOf(state, tx.id) !== undefined),
      event: last("scheduled"),
    },
    ...state.package.phases.flatMap((_phase, index) => phaseMilestones(state, history, index)),
    { title: "Closed", reached: state.status === "closed", event: last("closed") },
  ];
}

function phaseMilestones(state: CeremonyState, history: readonly LoggedEvent[], index: number): Milestone[] {
  const id = state.package.phases[index]?.id ?? String(index);
  const run = state.phases.find((one) => one.phase === index);
  const of = (...types: EventType[]) =>
    history.findLast((one) => types.includes(one.type) && "phase" in one.data && one.data.phase === index);
  const ready = of("readied");
  const executed = run?.executedAt !== undefined;
  return [
    { title: `Phase ${id}: ready`, reached: ready !== undefined || executed, event: ready },
    { title: `Phase ${id}: executed`, reached: executed, event: executed ? of("executionStarted") : undefined },
    { title: `Phase ${id}: canary passed`, reached: run?.advanced === true, event: of("advanced", "canaryPassed") },
  ];
}

/** Names of those who did it; undefined where the program or the chain did. */
function byOf(event: LoggedEvent | undefined, policy: Policy): string | undefined {
  if (event === undefined) return undefined;
  if (event.type === "quorumReached") return names(event.data.people, policy);
  if (!("by" in event.data) || event.data.by.person === system.person) return undefined;
  return namesOf(policy, [event.data.by.person]);
}

/** "Ben, Caro, Dev", each once. */
function names(people: readonly string[], policy: Policy): string {
  return [...new Set(people)].map((id) => namesOf(policy, [id])).join(", ");
}
